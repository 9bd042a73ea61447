#include "CFrequency.h"

#include "../Shared/Chosen.hpp"
#include "Plan.h"

#include <limits>
#include <new>

namespace {

/// The radices, in the order in which the stages take them, with the time of a stage per value.
struct Radix {
  long radix;
  double cost;
};
const Radix radices[] = {{4, 1.6}, {3, 1.6}, {2, 1.1}, {5, 2.4}, {7, 3.4}};

/// The cheapest length that nothing wraps around in.
long cheapest(long least) {
  long best = 0;
  double cost = std::numeric_limits<double>::infinity();
  for (long count = least; count <= 2 * least + 8; count++) {
    double own = Length::cost(count);
    if (own < cost) {
      cost = own;
      best = count;
    }
  }
  return best;
}

/// The axes of a convolution, with tiles of `step` outputs or, if it is 0, as a whole.
struct Axes {
  Axis down, across;

  Axes(const CFrequencyShape &s, long step)
      : down(axis(s, s.height, step)), across(axis(s, s.width, step)) {}

  static Axis axis(const CFrequencyShape &s, long input, long step) {
    long output = input + 2 * s.padding - s.kernel + 1;
    if (step == 0 || step >= output) return Axis::whole(input, output, s.padding, s.kernel);
    return Axis::tiled(input, output, s.padding, s.kernel, step);
  }

  /// The relative time: the products of all channels and the transforms of each channel. Transforms
  /// take twice as long if an image does not stay in a cache of a megabyte.
  double cost(const CFrequencyShape &s) const {
    double points = (double)(down.length.count * across.length.count);
    double stages = Length::cost(down.length.count) / (double)down.length.count +
                    Length::cost(across.length.count) / (double)across.length.count;
    double channels = (double)s.channels, filters = (double)s.filters;
    double place = points * 4 * 16 > 1e6 ? 2 : 1;
    return (double)(down.tiles * across.tiles) * points *
           (channels * filters / 8 + (channels + filters) * stages * place);
  }
};

Axes cheapest_axes(const CFrequencyShape &s) {
  if (s.tile > 0) return Axes(s, s.tile);
  Axes best(s, 0);
  double cost = best.cost(s);
  for (long length : {16, 20, 24, 28, 32, 36, 40, 48, 56, 64, 72, 84, 96, 112, 128}) {
    if (length <= s.kernel) continue;
    Axes other(s, length - s.kernel + 1);
    // One transform needs no halo; tiles must save more than a tenth.
    if (other.cost(s) < 0.9 * cost) {
      cost = other.cost(s) / 0.9;
      best = other;
    }
  }
  return best;
}

/// The images whose few channels share a vector, which must divide the number of rows.
long group_of(const CFrequencyShape &s, long lanes) {
  long group = s.channels <= short_channels ? lanes / s.channels : 1;
  while (group > 1 && s.rows % group != 0) group--;
  return group;
}

}  // namespace

Length::Length(long count) : count(count) {
  long rest = count;
  for (const Radix &radix : radices)
    while (rest % radix.radix == 0 && rest > 1) {
      Stage stage{radix.radix, {}};
      for (long p = 0; p < rest / radix.radix; p++)
        for (long k = 1; k < radix.radix; k++) {
          double angle = -2 * M_PI * (double)(p * k) / (double)rest;
          stage.factors.push_back((float)cos(angle));
          stage.factors.push_back((float)sin(angle));
        }
      stages.push_back(stage);
      rest /= radix.radix;
    }
}

Axis Axis::whole(long input, long output, long padding, long kernel) {
  long least = input + padding > kernel ? input + padding : kernel;
  return {input, output, padding, 1, output, Length(cheapest(least))};
}

Axis Axis::tiled(long input, long output, long padding, long kernel, long step) {
  return {input, output, padding, (output + step - 1) / step, step, Length(cheapest(step + kernel - 1))};
}

double Length::cost(long count) {
  // The products are in proportion to the number of frequencies.
  double cost = 2;
  long rest = count;
  for (const Radix &radix : radices)
    while (rest % radix.radix == 0 && rest > 1) {
      cost += radix.cost;
      rest /= radix.radix;
    }
  return rest == 1 ? cost * (double)count : std::numeric_limits<double>::infinity();
}

CFrequency *cfrequency_create(CFrequencyShape shape) {
  Axes axes = cheapest_axes(shape);
  long tiles = axes.down.tiles * axes.across.tiles * shape.rows;
  const Passes *passes =
      chosen(cfrequency_passes_512, cfrequency_passes_256, cfrequency_passes_128);
  return new (std::nothrow) CFrequency{
      shape, axes.down, axes.across, passes, cmachine_threads(), tiles < 32 ? tiles : 32,
      group_of(shape, passes->lanes)};
}

void cfrequency_destroy(CFrequency *plan) { delete plan; }

long cfrequency_length(const CFrequency *plan, int horizontal) {
  return horizontal ? plan->horizontal().count : plan->vertical().count;
}

long cfrequency_tiles(const CFrequency *plan) { return plan->tiles(); }

long cfrequency_input_bytes(const CFrequency *plan) {
  return 4 * plan->frequencies() * plan->input_panel();
}

long cfrequency_input_gradient_bytes(const CFrequency *plan) {
  return 4 * plan->frequencies() * plan->panel(plan->rows(), plan->shape.channels);
}

long cfrequency_gradient_bytes(const CFrequency *plan) {
  return 4 * plan->frequencies() * plan->panel(plan->rows(), plan->shape.filters);
}

long cfrequency_output_bytes(const CFrequency *plan) {
  return 4 * plan->frequencies() * plan->panel(plan->block, plan->shape.filters);
}

long cfrequency_kernel_bytes(const CFrequency *plan) {
  return 4 * plan->frequencies() * plan->panel(plan->shape.channels, plan->shape.filters);
}

long cfrequency_scratch_bytes(const CFrequency *plan) { return plan->passes->scratch(*plan); }

void cfrequency_transform_kernel(
    const CFrequency *plan, const float *kernel, float *kernel_spectrum, float *scratch) {
  plan->passes->transform_kernel(*plan, kernel, kernel_spectrum, scratch);
}

void cfrequency_transform_input(
    const CFrequency *plan, const void *input, float *input_spectrum, float *scratch) {
  plan->passes->transform_input(*plan, input, input_spectrum, scratch);
}

void cfrequency_forward(
    const CFrequency *plan, const float *input_spectrum, const float *kernel_spectrum,
    const float *bias, int relu, void *output, float *output_spectrum, float *scratch) {
  plan->passes->forward(
      *plan, input_spectrum, kernel_spectrum, bias, relu, output, output_spectrum, scratch);
}

void cfrequency_transform_gradient(
    const CFrequency *plan, const void *output_gradient, const void *output, float *bias_gradient,
    float *gradient_spectrum, float *scratch) {
  plan->passes->transform_gradient(
      *plan, output_gradient, output, bias_gradient, gradient_spectrum, scratch);
}

void cfrequency_backward_weights(
    const CFrequency *plan, const float *input_spectrum, const float *gradient_spectrum,
    float *kernel_gradient, float *kernel_spectrum, float *scratch) {
  plan->passes->backward_weights(
      *plan, input_spectrum, gradient_spectrum, kernel_gradient, kernel_spectrum, scratch);
}

void cfrequency_backward_data(
    const CFrequency *plan, const float *gradient_spectrum, const float *kernel_spectrum,
    void *input_gradient, float *input_spectrum, float *scratch) {
  plan->passes->backward_data(
      *plan, gradient_spectrum, kernel_spectrum, input_gradient, input_spectrum, scratch);
}
