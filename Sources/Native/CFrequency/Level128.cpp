// The passes for vectors of 128 bits.

#include "CMachine.h"
#include "Plan.h"

#define LANES 4


namespace {
#include "Vectors.hpp"
//
#include "Fourier.hpp"
//
#include "Images.hpp"
#include "Product.hpp"
//
#include "Passes.hpp"
}  // namespace


extern const Passes cfrequency_passes_128 = {
    LANES, scratch_bytes, transform_kernel, transform_input, forward, transform_gradient,
    backward_weights, backward_data};
