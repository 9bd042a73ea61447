#ifndef CKERNELS_PLANAR_PLAN_H
#define CKERNELS_PLANAR_PLAN_H

#include "CPlanar.h"
#include "PlanarVectors.h"

/// Number of output planes summed at once.
#define GROUP 6

static inline long grouped(long count) { return (count + GROUP - 1) / GROUP * GROUP; }

/// The sizes of the memory of one part.
typedef struct {
  long out_height, out_width, pool_height, pool_width;
  long taps;      // number of taps of one filter over one channel
  long margin;    // before and after a plane, so that a kernel may cross its ends
  long plane;     // distance between two planes
  long length;    // number of computed values of an output plane
  long kernels;   // kernel as [group, channel, tap, GROUP]
  long turned;    // reversed kernel for the backward pass
  long inputs, outputs;
  long sums;      // of the gradients of kernel and bias, one vector each
  long part;      // total size
} Plan;

static inline Plan plan_of(CPlanarShape s) {
  Plan p;
  p.out_height = s.height - s.kernel + 1;
  p.out_width = s.width - s.kernel + 1;
  p.pool_height = p.out_height / 2;
  p.pool_width = p.out_width / 2;
  p.taps = s.kernel * s.kernel;
  p.margin = ((s.kernel - 1) * (s.width + 1) + LANES) / LANES * LANES;
  p.length = p.out_height * s.width;
  p.plane = (s.height * s.width + 2 * p.margin + 2 * LANES) / LANES * LANES;
  p.kernels = grouped(s.filters) * s.channels * p.taps;
  p.turned = grouped(s.channels) * s.filters * p.taps;
  p.inputs = grouped(s.channels) * p.plane;
  p.outputs = grouped(s.filters) * p.plane;
  p.sums = grouped(s.filters) * (s.channels * p.taps + 1) * LANES;
  // The sums, both kernels, the planes of input, output and input gradient, and one line.
  p.part = p.sums + p.kernels + p.turned + 2 * p.inputs + p.outputs + s.width;
  p.part = (p.part + 2 * LANES) / LANES * LANES;
  return p;
}

/// The arguments of a pass.
typedef struct {
  CPlanarShape shape;
  Plan plan;
  const float *input, *kernel, *bias, *output_gradient;
  float *scratch, *output, *input_gradient;
  uint8_t *argmax;
} Job;

/// Pointers into the memory of one part.
typedef struct {
  Vector *kernel_sums;  // [channel, tap, filter], then those of the bias
  float *kernels, *turned, *inputs, *outputs, *input_gradients;
  float *line;
} Scratch;

static inline Scratch scratch_of(const Job *job, long part) {
  Plan p = job->plan;
  float *start = job->scratch + part * p.part;
  Scratch r;
  r.kernel_sums = (Vector *)start;
  r.inputs = start + p.sums;
  r.outputs = r.inputs + p.inputs;
  r.input_gradients = r.outputs + p.outputs;
  r.kernels = r.input_gradients + p.inputs;
  r.turned = r.kernels + p.kernels;
  r.line = r.turned + p.turned;
  return r;
}

#endif
