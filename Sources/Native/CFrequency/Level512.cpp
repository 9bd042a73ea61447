// The passes for vectors of 512 bits.

#include "CMachine.h"
#include "Plan.h"

#include "../Shared/Begin512.hpp"
namespace {
#include "Level.hpp"
}  // namespace
#include "../Shared/End.hpp"

extern const Passes cfrequency_passes_512 = PASSES;
