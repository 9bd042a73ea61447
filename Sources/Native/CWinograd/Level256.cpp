// The passes for vectors of 256 bits.

#include "CMachine.h"
#include "Plan.h"

#include "../Shared/Begin256.hpp"
namespace {
#include "Level.hpp"
}  // namespace
#include "../Shared/End.hpp"

extern const WinogradPasses cwinograd_passes_256 = PASSES;
