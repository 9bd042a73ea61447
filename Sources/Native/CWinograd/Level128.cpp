// The passes for vectors of 128 bits.

#include "CMachine.h"
#include "Plan.h"

#define LANES 4
namespace {
#include "Level.hpp"
}  // namespace

extern const WinogradPasses cwinograd_passes_128 = PASSES;
