#ifndef CHASHSEARCH_H
#define CHASHSEARCH_H

#include <stdint.h>

/// The lists of one block of an index over 64-bit hashes.
typedef struct {
  /// Where the block begins in a hash: a multiple of 16 bits.
  int shift;
  /// Where the list of each value of the block begins, [65537].
  const int32_t *starts;
  /// For each entry the 32 bits of its hash above the block, the lowest bits above the highest.
  const uint32_t *tags;
  /// For each entry its place in `hashes`.
  const int32_t *places;
  /// The hashes that are listed.
  const uint64_t *hashes;
} CHashBlock;

/// Two hashes a few bits apart: one of those that were asked for and one of the index.
typedef struct {
  int32_t other, place;
} CHashHit;

/// The 32 bits above a block of a hash, as `tags` has them.
uint32_t chashsearch_tag(uint64_t hash, int shift);

/// Finds the entries in the lists of `others[*done..<count]` that differ from them in at most `limit`
/// of 64 bits. Stops early where the next list might not fit into `capacity` hits; `*done` says how many
/// of the others were looked up. Returns the number of hits. The longest list must fit.
long chashsearch_find(
    CHashBlock block, const uint64_t *others, long count, int limit, CHashHit *hits, long capacity,
    long *done);

#endif
