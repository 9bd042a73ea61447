#include "CHashSearch.h"

#include "CMachine.h"

#include <string.h>

/// Number of hashes between the prefetch of a list and its use.
#define AHEAD 8

static inline uint32_t tag(uint64_t hash, int shift) {
  int turn = (shift + 16) & 63;
  return (uint32_t)(turn == 0 ? hash : hash >> turn | hash << (64 - turn));
}

uint32_t chashsearch_tag(uint64_t hash, int shift) { return tag(hash, shift); }

void chashsearch_sort(
    const uint64_t *hashes, long count, int shift, uint64_t *sorted, int32_t *order, int32_t *starts) {
  memset(starts, 0, 65537 * sizeof *starts);
  for (long i = 0; i < count; i++) starts[(hashes[i] >> shift & 0xFFFF) + 1]++;
  for (long value = 0; value < 65536; value++) starts[value + 1] += starts[value];
  for (long i = 0; i < count; i++) {
    int32_t place = starts[hashes[i] >> shift & 0xFFFF]++;
    sorted[place] = hashes[i];
    order[place] = (int32_t)i;
  }
}

/// Whether one of some tags is near another; a loop without a branch, of which the compiler makes
/// vectors.
ALWAYS_INLINE int any_near(const uint32_t *tags, long count, uint32_t wanted, int limit) {
  int near = 0;
  // Lists are short: with several vectors at a time most entries would be left for the scalar loop.
#pragma clang loop vectorize(enable) interleave_count(1)
  for (long i = 0; i < count; i++) near |= __builtin_popcount(tags[i] ^ wanted) <= limit;
  return near;
}

// The baseline of processors has no instruction for counting bits and uses about ten instead.
ALWAYS_INLINE long find_loop(
    CHashBlock block, const uint64_t *others, long count, int limit, CHashHit *hits, long capacity,
    long *done) {
  long found = 0, i = *done;
  for (; i < count; i++) {
    if (i + AHEAD < count)
      __builtin_prefetch(block.tags + block.starts[others[i + AHEAD] >> block.shift & 0xFFFF]);
    uint64_t other = others[i], value = other >> block.shift & 0xFFFF;
    int32_t start = block.starts[value], end = block.starts[value + 1];
    if (end - start > capacity - found) break;
    uint32_t wanted = tag(other, block.shift);
    if (!any_near(block.tags + start, end - start, wanted, limit)) continue;
    for (int32_t entry = start; entry < end; entry++) {
      // Half of the bits are compared first: about one in four thousand unrelated hashes passes.
      if (__builtin_popcount(block.tags[entry] ^ wanted) > limit) continue;
      int32_t place = block.places[entry];
      if (__builtin_popcountll(block.hashes[place] ^ other) <= limit)
        hits[found++] = (CHashHit){(int32_t)i, place};
    }
  }
  *done = i;
  return found;
}
FOR_EACH_LEVEL(
    long, find,
    (CHashBlock block, const uint64_t *others, long count, int limit, CHashHit *hits, long capacity,
     long *done),
    find_loop, block, others, count, limit, hits, capacity, done)

long chashsearch_find(
    CHashBlock block, const uint64_t *others, long count, int limit, CHashHit *hits, long capacity,
    long *done) {
  return find(block, others, count, limit, hits, capacity, done);
}
