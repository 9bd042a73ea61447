#include "CWinograd.h"

#include "../Shared/Chosen.hpp"
#include "Plan.h"

#include <new>

CWinograd *cwinograd_create(CWinogradShape shape) {
  bool isKnown = shape.kernel == 3 || shape.kernel == 4;
  if (!isKnown || shape.padding < 0 || shape.padding >= shape.kernel) return NULL;
  const WinogradPasses *passes =
      chosen(cwinograd_passes_512, cwinograd_passes_256, cwinograd_passes_128);
  return new (std::nothrow) CWinograd{shape, passes, cmachine_threads()};
}

void cwinograd_destroy(CWinograd *plan) { delete plan; }

long cwinograd_kernel_bytes(const CWinograd *plan) {
  const CWinogradShape &s = plan->shape;
  long forward = plan->kernel(s.channels, s.filters), backward = plan->kernel(s.filters, s.channels);
  return 4 * (forward > backward ? forward : backward);
}

long cwinograd_scratch_bytes(const CWinograd *plan) { return 4 * plan->scratch(); }

void cwinograd_transform_kernel(
    const CWinograd *plan, const float *kernel, int backward, float *transformed) {
  plan->passes->transform_kernel(*plan, kernel, backward != 0, transformed);
}

void cwinograd_forward(
    const CWinograd *plan, const void *input, const float *transformed, const float *bias, int relu,
    void *output, float *scratch) {
  plan->passes->forward(
      *plan, {input, NULL, NULL, transformed, bias, relu, output, NULL, scratch});
}

void cwinograd_backward_weights(
    const CWinograd *plan, const void *input, const void *output_gradient, const void *output,
    float *kernel_gradient, float *bias_gradient, float *scratch) {
  plan->passes->backward_weights(
      *plan, {input, output_gradient, output, NULL, NULL, 0, kernel_gradient, bias_gradient, scratch});
}

void cwinograd_backward_data(
    const CWinograd *plan, const void *output_gradient, const void *output, const float *transformed,
    void *input_gradient, float *scratch) {
  plan->passes->backward_data(
      *plan, {output_gradient, NULL, output, transformed, NULL, 0, input_gradient, NULL, scratch});
}
