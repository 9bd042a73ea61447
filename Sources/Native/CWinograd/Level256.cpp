// The passes for vectors of 256 bits.

#include "CMachine.h"
#include "Plan.h"

#define LANES 8
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#endif
namespace {
#include "Level.hpp"
}  // namespace
#if defined(__x86_64__)
#pragma clang attribute pop
#endif

extern const WinogradPasses cwinograd_passes_256 = PASSES;
