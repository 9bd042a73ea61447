#ifndef CKERNELS_PLANAR_PLAN_H
#define CKERNELS_PLANAR_PLAN_H

#include "CPlanar.h"
#include "Dropping.h"
#include "PlanarVectors.h"

/// Number of output planes summed at once.
#define GROUP 6
/// Number of channels of a pixel in the memory of the backward pass; missing channels are 0.
#define PADDED 8

static inline long grouped(long count) { return (count + GROUP - 1) / GROUP * GROUP; }
static inline long aligned(long count) { return (count + LANES - 1) / LANES * LANES; }

/// The sizes of the memory of one part, in floats.
typedef struct {
  long out_height, out_width, pool_height, pool_width;
  long pooled;    // number of windows of the pool
  long taps;      // number of taps of one filter over one channel
  long margin;    // before and after a plane, so that a kernel may cross its ends
  long plane;     // distance between two planes
  long length;    // number of computed values of an output plane
  long kernels;   // kernel as [group, channel, tap, GROUP]
  long inputs, outputs;
  long step;      // distance between two pixels of the input in the backward pass
  long run;       // number of vectors of one row of the kernel, kernel * step values
  long reach;     // number of vectors of one row of the pixels that a window depends on
  long pixels;    // of the input or its gradient in the backward pass
  long patch;     // of one shifted kernel: [kernel + 1, reach, LANES]
  long sums;      // gradients of kernel and bias of a filter: [kernel, run, LANES] and one vector
  long phase_width, phase;  // of a phase of the input (PlanarPhases.h): distances of lines and phases
  long blocks;    // number of vectors of windows
  long part;      // total size
} Plan;

// Two windows next to each other are one vector apart in the memory of the backward pass.
_Static_assert(2 * PADDED == LANES, "add_kernels depends on it");

static inline long larger(long a, long b) { return a > b ? a : b; }

static inline Plan plan_of(CPlanarShape s) {
  Plan p;
  p.out_height = s.height - s.kernel + 1;
  p.out_width = s.width - s.kernel + 1;
  p.pool_height = p.out_height / 2;
  p.pool_width = p.out_width / 2;
  p.pooled = p.pool_height * p.pool_width;
  p.taps = s.kernel * s.kernel;
  p.margin = ((s.kernel - 1) * (s.width + 1) + LANES) / LANES * LANES;
  p.length = p.out_height * s.width;
  p.plane = (s.height * s.width + 2 * p.margin + 2 * LANES) / LANES * LANES;
  p.kernels = aligned(grouped(s.filters) * s.channels * p.taps);
  p.inputs = grouped(s.channels) * p.plane;
  p.outputs = grouped(s.filters) * p.plane;
  p.step = s.channels == 1 ? 1 : PADDED;
  p.run = aligned(s.kernel * p.step) / LANES;
  p.reach = aligned((s.kernel + 1) * PADDED) / LANES;
  p.phase_width = p.pool_width + s.kernel / 2;
  // What is written beyond the last line of a phase lies in the three vectors at its end.
  p.phase = aligned((s.height + 1) / 2 * p.phase_width) + 3 * LANES;
  p.blocks = (p.pool_height * p.phase_width + LANES - 1) / LANES;
  // A row of vectors may reach beyond the last pixel.
  p.pixels = aligned(s.height * s.width * PADDED) + 4 * LANES;
  p.patch = (s.kernel + 1) * p.reach * LANES;
  p.sums = (s.kernel * p.run + 1) * LANES;
  long forward = p.inputs + p.outputs + p.kernels + aligned(s.width);
  // Two times the pixels, the shifted kernels, the sums, and for each window of each filter a value
  // and a place. For each window of one filter: its gradient, its first pixel, a value and an offset
  // of the list, and the filters with a gradient.
  long backward = 2 * p.pixels + s.filters * (4 * p.patch + p.sums) +
      (2 * s.filters + 5) * (aligned(p.pooled) + LANES);
  long phases = p.inputs + 4 * s.channels * p.phase + p.kernels + aligned(2 * p.blocks) +
      aligned(s.filters * p.pooled) + LANES;
  p.part = larger(larger(forward, phases), backward) + LANES;
  return p;
}

/// The arguments of a pass.
typedef struct {
  CPlanarShape shape;
  Plan plan;
  const float *input, *kernel, *bias, *output_gradient;
  const CPlanarDropout *dropout;  // or NULL
  float scale;                    // of the dropout, in the backward pass
  float *scratch, *output, *input_gradient;
  uint8_t *argmax;
} Job;

/// The memory of one part, aligned to a vector.
static inline float *memory_of(const Job *job, long part) {
  uintptr_t start = (uintptr_t)(job->scratch + part * job->plan.part);
  return (float *)((start + sizeof(Vector) - 1) / sizeof(Vector) * sizeof(Vector));
}

#endif
