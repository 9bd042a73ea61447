#ifndef CKERNELS_PLANAR_VECTORS_H
#define CKERNELS_PLANAR_VECTORS_H

#include "CMachine.h"

#include <stdint.h>

/// A vector of the widest kind; on processors with narrower vectors the compiler uses several.
typedef float Vector __attribute__((vector_size(64)));
/// A vector without alignment requirements.
typedef float Loose __attribute__((vector_size(64), aligned(4), may_alias));
#define LANES 16
/// The bits of a float.
typedef uint32_t __attribute__((may_alias)) Bits;
#define INLINE ALWAYS_INLINE

// Lines are separate functions, so that the compiler may assume that their arguments do not
// overlap. They are processed in blocks of a fixed length, and the last block overlaps the one
// before it: lines are short, and a remainder loop would take as long as the blocks.
#define BLOCK 8
#define FOR_BLOCKS(count, function, ...)                                                          \
  if ((count) < BLOCK) {                                                                           \
    long x = 0;                                                                                    \
    function(count, __VA_ARGS__);                                                                  \
  } else                                                                                           \
    for (long x = 0, next; x < (count); x = next) {                                                \
      next = x + BLOCK;                                                                            \
      if (next > (count)) x = (count) - BLOCK;                                                     \
      function(BLOCK, __VA_ARGS__);                                                                \
    }

#endif
