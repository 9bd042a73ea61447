#ifndef CKERNELS_PLANAR_H
#define CKERNELS_PLANAR_H

#include "CPlanar.h"
#include "Parallel.h"

#include <string.h>

/// Whether the calling thread uses the widest vectors.
int cplanar_is_wide(void);

/// A vector of the widest kind; on processors with narrower vectors the compiler uses several.
typedef float Vector __attribute__((vector_size(64)));
/// A vector without alignment requirements.
typedef float Loose __attribute__((vector_size(64), aligned(4), may_alias));
#define LANES 16
/// The bits of a float.
typedef uint32_t __attribute__((may_alias)) Bits;
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

#define INLINE static inline __attribute__((always_inline))

/// Copies an image to planes.
INLINE void spread(CPlanarShape s, Plan p, const float *picture, float *planes) {
  long pixels = s.height * s.width;
  for (long c = 0; c < s.channels; c++) {
    float *restrict plane = planes + c * p.plane + p.margin;
    if (s.planar_input) {
      memcpy(plane, picture + c * pixels, (size_t)pixels * sizeof(float));
      continue;
    }
    for (long i = 0; i < pixels; i++) plane[i] = picture[i * s.channels + c];
  }
}

/// Computes GROUP planes of the output from all planes of the input. `taps` has the offset from p
/// at which each factor is read, and `kernel` is [tap, GROUP]. Processors with 32 registers sum two
/// vectors at once.
INLINE void sum_planes(
    const float *inputs, const long *taps, long count, const float *kernel, const float *bias,
    long length, long plane, float *outputs, const int wide) {
  long at = 0;
  for (; wide && at + LANES < length; at += 2 * LANES) {
    Vector sums[GROUP], others[GROUP];
    for (int f = 0; f < GROUP; f++) sums[f] = others[f] = (Vector){} + bias[f];
    for (long t = 0; t < count; t++) {
      Vector value = *(const Loose *)(inputs + at + taps[t]);
      Vector other = *(const Loose *)(inputs + at + LANES + taps[t]);
      const float *weights = kernel + t * GROUP;
      for (int f = 0; f < GROUP; f++) {
        sums[f] += value * weights[f];
        others[f] += other * weights[f];
      }
    }
    for (int f = 0; f < GROUP; f++) {
      *(Loose *)(outputs + f * plane + at) = sums[f];
      *(Loose *)(outputs + f * plane + at + LANES) = others[f];
    }
  }
  for (; at < length; at += LANES) {
    Vector sums[GROUP];
    for (int f = 0; f < GROUP; f++) sums[f] = (Vector){} + bias[f];
    for (long t = 0; t < count; t++) {
      Vector value = *(const Loose *)(inputs + at + taps[t]);
      for (int f = 0; f < GROUP; f++) sums[f] += value * kernel[t * GROUP + f];
    }
    for (int f = 0; f < GROUP; f++) *(Loose *)(outputs + f * plane + at) = sums[f];
  }
}
// Lines are separate functions, so that the compiler may assume that their arguments do not
// overlap. They are processed in blocks of a fixed length, and the last block overlaps the one
// before it: lines are short, and a remainder loop would take as long as the blocks.
#define BLOCK 8
#define FOR_BLOCKS(count, function, ...)                                                          \
  if ((count) < BLOCK) {                                                                           \
    long x = 0;                                                                                    \
    function(count, __VA_ARGS__);                                                                  \
  } else                                                                                           \
    for (long x = 0, next; x < (count); x = next) {                                                \
      next = x + BLOCK;                                                                            \
      if (next > (count)) x = (count) - BLOCK;                                                     \
      function(BLOCK, __VA_ARGS__);                                                                \
    }

/// Computes the offset of each tap over each plane of the input, and the reversed offsets over the
/// planes of the output.
INLINE void place_taps(CPlanarShape s, Plan p, long *taps, long *turned) {
  for (long t = 0; t < p.taps; t++) {
    long offset = t / s.kernel * s.width + t % s.kernel;
    for (long c = 0; c < s.channels; c++) taps[c * p.taps + t] = c * p.plane + offset;
    for (long f = 0; f < s.filters; f++) turned[f * p.taps + t] = f * p.plane - offset;
  }
}

/// The maximum number of taps of a kernel over all planes of its input.
#define MAX_TAPS (CPLANAR_MAX_KERNEL * CPLANAR_MAX_KERNEL * CPLANAR_MAX_FILTERS)

#endif
