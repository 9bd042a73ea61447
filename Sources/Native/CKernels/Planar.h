#ifndef CKERNELS_PLANAR_H
#define CKERNELS_PLANAR_H

#include "CPlanar.h"
#include "Parallel.h"

#include <string.h>

/// Whether the calling thread takes the widest vectors.
int cplanar_is_wide(void);

/// One vector of the widest kind; where a processor has narrower ones the compiler takes several.
typedef float Vector __attribute__((vector_size(64)));
/// One that may lie anywhere.
typedef float Loose __attribute__((vector_size(64), aligned(4), may_alias));
#define LANES 16
/// The bits of a float.
typedef uint32_t __attribute__((may_alias)) Bits;
/// So many planes of the output are summed side by side.
#define GROUP 6

static inline long grouped(long count) { return (count + GROUP - 1) / GROUP * GROUP; }

/// The lengths of what one part works in.
typedef struct {
  long out_height, out_width, pool_height, pool_width;
  long taps;      // of one filter over one channel
  long margin;    // in front of and behind a plane, so that a kernel may run over its ends
  long plane;     // from one plane to the next
  long length;    // of what is computed of an output plane
  long kernels;   // the kernel as [group, channel, tap, GROUP], and turned round for the way back
  long turned;
  long inputs, outputs;
  long sums;      // of the gradients of kernel and bias, a vector each
  long part;      // all of it
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
  uint8_t *places;
} Job;

/// The parts of one part's memory.
typedef struct {
  Vector *kernel_sums;  // [channel, tap, filter], then the bias's
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

/// The picture as planes.
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

/// GROUP planes of the output, where `taps` says how far from p each factor is read, over all planes
/// of the input, and `kernel` is [tap, GROUP]. Processors with 32 registers sum two vectors at once.
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
// Lines are functions of their own, whose arguments the compiler takes not to overlap, and they are
// cut into blocks of a fixed length, the last of which overlaps the one before: lines are short, and
// what is left over would take as long as the rest.
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

/// Where each tap over each plane of the input reads, and the same turned round over the output's.
INLINE void place_taps(CPlanarShape s, Plan p, long *taps, long *turned) {
  for (long t = 0; t < p.taps; t++) {
    long offset = t / s.kernel * s.width + t % s.kernel;
    for (long c = 0; c < s.channels; c++) taps[c * p.taps + t] = c * p.plane + offset;
    for (long f = 0; f < s.filters; f++) turned[f * p.taps + t] = f * p.plane - offset;
  }
}

/// The taps of a kernel over all planes of its input.
#define MOST_TAPS (CPLANAR_MAX_KERNEL * CPLANAR_MAX_KERNEL * CPLANAR_MAX_FILTERS)

#endif
