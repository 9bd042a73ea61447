// The passes for vectors of 512 bits.

#include "CMachine.h"
#include "Plan.h"

#define LANES 16
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#endif
namespace {
#include "Level.hpp"
}  // namespace
#if defined(__x86_64__)
#pragma clang attribute pop
#endif

extern const WinogradPasses cwinograd_passes_512 = PASSES;
