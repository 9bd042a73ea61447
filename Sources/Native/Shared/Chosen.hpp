// The choice among what was compiled for each instruction set.

#include "CMachine.h"

/// The passes for the instruction set that loops use.
template <class Passes>
const Passes *chosen(const Passes &of_512, const Passes &of_256, const Passes &of_128) {
#if defined(__x86_64__)
  if (cmachine_level() == CMACHINE_AVX512) return &of_512;
  if (cmachine_level() == CMACHINE_AVX2) return &of_256;
#endif
  return &of_128;
}
