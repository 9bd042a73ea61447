#ifndef CHASHSEARCH_H
#define CHASHSEARCH_H

#include <stdint.h>

/// The lists of one block of an index over 64-bit hashes.
typedef struct {
  /// The position of the block in a hash: a multiple of 16 bits.
  int shift;
  /// The start of the list of each value of the block, [65537].
  const int32_t *starts;
  /// For each entry, the 32 bits of its hash above the block, with wraparound from the highest bit
  /// to the lowest.
  const uint32_t *tags;
  /// For each entry, its index in `hashes`.
  const int32_t *places;
  /// The indexed hashes.
  const uint64_t *hashes;
} CHashBlock;

/// A pair of hashes that differ in a few bits: the index of the looked-up hash and that of the
/// indexed one.
typedef struct {
  int32_t other, place;
} CHashHit;

/// Returns the 32 bits above a block of a hash, in the format of `tags`.
uint32_t chashsearch_tag(uint64_t hash, int shift);

/// Sorts hashes by the value of the block at `shift`. `order` receives the index that each had; those of
/// equal values stay in their order. `starts` has 65537 values, which are overwritten.
void chashsearch_sort(
    const uint64_t *hashes, long count, int shift, uint64_t *sorted, int32_t *order, int32_t *starts);

/// Finds the entries in the lists of `others[*done..<count]` that differ from them in at most
/// `limit` of 64 bits. Stops early if the next list might not fit into `capacity` hits; `*done`
/// receives the number of hashes looked up so far. Returns the number of hits. `capacity` must be
/// at least the length of the longest list. Sorted hashes are looked up several times faster, because
/// the lists are then read in the order of memory.
long chashsearch_find(
    CHashBlock block, const uint64_t *others, long count, int limit, CHashHit *hits, long capacity,
    long *done);

#endif
