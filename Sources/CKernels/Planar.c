#include "CPlanar.h"

#include "Parallel.h"

#include <string.h>

/// Whether the widest vectors are left alone where the processor has them, for whoever asks: a test
/// does.
static _Thread_local int is_narrow;

void cplanar_set_narrow(int narrow) { is_narrow = narrow; }

static int is_wide(void) {
#if defined(__x86_64__)
  return !is_narrow && __builtin_cpu_supports("x86-64-v4");
#else
  return 0;
#endif
}

/// One vector of the widest kind; where a processor has narrower ones the compiler takes several.
typedef float Vector __attribute__((vector_size(64)));
/// One that may lie anywhere.
typedef float Loose __attribute__((vector_size(64), aligned(4), may_alias));
#define LANES 16
/// The bits of a float.
typedef uint32_t __attribute__((may_alias)) Bits;
/// So many planes of the output are summed side by side.
#define GROUP 6

static long grouped(long count) { return (count + GROUP - 1) / GROUP * GROUP; }

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

static Plan plan_of(CPlanarShape s) {
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

long cplanar_scratch(CPlanarShape shape) { return CPLANAR_PARTS * plan_of(shape).part; }

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

static Scratch scratch_of(const Job *job, long part) {
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

/// The kernel in groups of filters; filters that are not there are 0.
INLINE void pack(CPlanarShape s, Plan p, const float *kernel, float *packed) {
  for (long f = 0; f < grouped(s.filters); f++)
    for (long c = 0; c < s.channels; c++)
      for (long t = 0; t < p.taps; t++)
        packed[((f / GROUP * s.channels + c) * p.taps + t) * GROUP + f % GROUP] =
            f < s.filters ? kernel[(t * s.channels + c) * s.filters + f] : 0.0f;
}

/// The same for the way back: groups of channels over filters.
INLINE void pack_turned(CPlanarShape s, Plan p, const float *kernel, float *packed) {
  for (long c = 0; c < grouped(s.channels); c++)
    for (long f = 0; f < s.filters; f++)
      for (long t = 0; t < p.taps; t++)
        packed[((c / GROUP * s.filters + f) * p.taps + t) * GROUP + c % GROUP] =
            c < s.channels ? kernel[(t * s.channels + c) * s.filters + f] : 0.0f;
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

INLINE void pool_line(
    long count, int relu, const float *restrict above, const float *restrict below,
    float *restrict largest, uint8_t *restrict which) {
  float least = relu ? 0.0f : -__builtin_inff();
  for (long x = 0; x < count; x++) {
    float a = above[2 * x], b = above[2 * x + 1], c = below[2 * x], d = below[2 * x + 1];
    float upper = b > a ? b : a, lower = d > c ? d : c;
    Bits of_upper = b > a ? 1 : 0, of_lower = d > c ? 3 : 2;
    float most = lower > upper || lower != lower ? lower : upper;
    Bits of_most = lower > upper ? of_lower : of_upper;
    // What is not a number stays.
    largest[x] = most <= least ? least : most;
    which[x] = (uint8_t)(most <= least ? 4 : of_most);
  }
}

/// The pool over one plane of filter `f`; `places` is a plane as well, `output` is the picture's.
INLINE void pool_plane(
    CPlanarShape s, Plan p, long f, const float *plane, float *output, uint8_t *places,
    float *scratch) {
  for (long y = 0; y < p.pool_height; y++) {
    const float *above = plane + 2 * y * s.width;
    uint8_t *which = places + y * p.pool_width;
    float *line =
        s.planar_output ? output + (f * p.pool_height + y) * p.pool_width : scratch;
    FOR_BLOCKS(p.pool_width, pool_line, s.relu, above + 2 * x, above + s.width + 2 * x, line + x, which + x)
    if (s.planar_output) continue;
    float *target = output + y * p.pool_width * s.filters + f;
    for (long x = 0; x < p.pool_width; x++) target[x * s.filters] = line[x];
  }
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
#define MOST_TAPS (CPLANAR_MOST_KERNEL * CPLANAR_MOST_KERNEL * CPLANAR_MOST_PLANES)

INLINE void forward(const void *context, long start, long end, const int wide) {
  const Job *job = context;
  CPlanarShape s = job->shape;
  Plan p = job->plan;
  long taps[MOST_TAPS], turned[MOST_TAPS];
  place_taps(s, p, taps, turned);
  long count = s.channels * p.taps;
  long picture = s.height * s.width * s.channels, pooled = p.pool_height * p.pool_width;
  for (long part = start; part < end; part++) {
    Scratch r = scratch_of(job, part);
    pack(s, p, job->kernel, r.kernels);
    memset(r.inputs, 0, (size_t)p.inputs * sizeof(float));
    for (long row = s.rows * part / CPLANAR_PARTS; row < s.rows * (part + 1) / CPLANAR_PARTS; row++) {
      spread(s, p, job->input + row * picture, r.inputs);
      for (long f = 0; f < s.filters; f += GROUP) {
        float bias[GROUP];
        for (long g = 0; g < GROUP; g++) bias[g] = f + g < s.filters ? job->bias[f + g] : 0.0f;
        float *outputs = r.outputs + f * p.plane + p.margin;
        sum_planes(
            r.inputs + p.margin, taps, count, r.kernels + f * count, bias, p.length, p.plane,
            outputs, wide);
        for (long g = 0; g < GROUP && f + g < s.filters; g++)
          pool_plane(
              s, p, f + g, outputs + g * p.plane, job->output + row * pooled * s.filters,
              job->places + (row * s.filters + f + g) * pooled, r.line);
      }
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("arch=x86-64-v4"), min_vector_width(512))) static void forward_wide(
    const void *context, long start, long end) {
  forward(context, start, end, 1);
}
#endif
__attribute__((target_clones("arch=x86-64-v3", "default"))) static void forward_narrow(
    const void *context, long start, long end) {
  forward(context, start, end, 0);
}

void cplanar_forward(
    CPlanarShape shape, const float *input, const float *kernel, const float *bias, float *scratch,
    float *output, uint8_t *places) {
  Job job = {shape, plan_of(shape), input, kernel, bias, NULL, scratch, output, NULL, places};
  ckernels_for_range(
      CPLANAR_PARTS, shape.rows * shape.height * shape.width, &job,
      is_wide() ? forward_wide : forward_narrow);
}

/// All bits or none of each value, since a choice between two numbers is compiled to a jump.
INLINE void scatter_line(
    long count, const Bits *restrict values, const uint8_t *restrict place, Bits *restrict above,
    Bits *restrict below) {
  for (long x = 0; x < count; x++) {
    above[2 * x] = values[x] & -(Bits)(place[x] == 0);
    above[2 * x + 1] = values[x] & -(Bits)(place[x] == 1);
    below[2 * x] = values[x] & -(Bits)(place[x] == 2);
    below[2 * x + 1] = values[x] & -(Bits)(place[x] == 3);
  }
}

/// The gradient of a plane before the pool: all 0 but for one pixel of each window.
INLINE void scatter(
    CPlanarShape s, Plan p, long f, const float *gradient, const uint8_t *places, float *plane,
    float *scratch) {
  for (long y = 0; y < p.pool_height; y++) {
    const float *line = gradient + (f * p.pool_height + y) * p.pool_width;
    if (!s.planar_output) {
      const float *source = gradient + y * p.pool_width * s.filters + f;
      for (long x = 0; x < p.pool_width; x++) scratch[x] = source[x * s.filters];
      line = scratch;
    }
    Bits *above = (Bits *)(plane + 2 * y * s.width);
    const uint8_t *place = places + y * p.pool_width;
    FOR_BLOCKS(
        p.pool_width, scatter_line, (const Bits *)line + x, place + x, above + 2 * x,
        above + s.width + 2 * x)
  }
}

INLINE float total(const Vector *v) {
  float sum = 0.0f;
  for (int i = 0; i < LANES; i++) sum += (*v)[i];
  return sum;
}

/// Adds the products of `count` taps, one or two, with GROUP planes of the output's gradient.
INLINE void multiply_taps(
    const float *inputs, const long *taps, const int count, const float *outputs, long length,
    long plane, Vector *target, long next) {
  Vector sums[2][GROUP];
  for (int i = 0; i < count; i++)
    for (int g = 0; g < GROUP; g++) sums[i][g] = (Vector){};
  for (long at = 0; at < length; at += LANES) {
    Vector one = *(const Loose *)(inputs + taps[0] + at), other = one;
    if (count == 2) other = *(const Loose *)(inputs + taps[1] + at);
    for (int g = 0; g < GROUP; g++) {
      Vector value = *(const Loose *)(outputs + g * plane + at);
      sums[0][g] += value * one;
      if (count == 2) sums[1][g] += value * other;
    }
  }
  for (int i = 0; i < count; i++)
    for (int g = 0; g < GROUP; g++) target[i * next + g] += sums[i][g];
}

/// Adds what one picture gives to the gradients of kernel, [channel, tap, filter], and bias, lane by
/// lane.
INLINE void gather(CPlanarShape s, Plan p, const long *taps, Scratch r, const int wide) {
  long filters = grouped(s.filters), count = s.channels * p.taps;
  for (long f = 0; f < filters; f += GROUP) {
    const float *outputs = r.outputs + f * p.plane + p.margin, *inputs = r.inputs + p.margin;
    Vector *target = r.kernel_sums + f;
    long t = 0;
    for (; wide && t + 1 < count; t += 2)
      multiply_taps(
          inputs, taps + t, 2, outputs, p.length, p.plane, target + t * filters, filters);
    for (; t < count; t++)
      multiply_taps(
          inputs, taps + t, 1, outputs, p.length, p.plane, target + t * filters, filters);
    for (int g = 0; g < GROUP; g++) {
      Vector sum = (Vector){};
      for (long at = 0; at < p.length; at += LANES)
        sum += *(const Loose *)(outputs + g * p.plane + at);
      r.kernel_sums[count * filters + f + g] += sum;
    }
  }
}

INLINE void backward(const void *context, long start, long end, const int wide) {
  const Job *job = context;
  CPlanarShape s = job->shape;
  Plan p = job->plan;
  long taps[MOST_TAPS], turned[MOST_TAPS];
  place_taps(s, p, taps, turned);
  const float none[GROUP] = {0};
  long pixels = s.height * s.width, pooled = p.pool_height * p.pool_width;
  for (long part = start; part < end; part++) {
    Scratch r = scratch_of(job, part);
    memset(r.inputs, 0, (size_t)p.inputs * sizeof(float));
    memset(r.outputs, 0, (size_t)p.outputs * sizeof(float));
    memset(r.kernel_sums, 0, (size_t)p.sums * sizeof(float));
    if (job->input_gradient != NULL) pack_turned(s, p, job->kernel, r.turned);
    for (long row = s.rows * part / CPLANAR_PARTS; row < s.rows * (part + 1) / CPLANAR_PARTS; row++) {
      spread(s, p, job->input + row * pixels * s.channels, r.inputs);
      for (long f = 0; f < s.filters; f++)
        scatter(
            s, p, f, job->output_gradient + row * pooled * s.filters,
            job->places + (row * s.filters + f) * pooled, r.outputs + f * p.plane + p.margin,
            r.line);
      gather(s, p, taps, r, wide);
      if (job->input_gradient == NULL) continue;
      float *target = job->input_gradient + row * pixels * s.channels;
      for (long c = 0; c < s.channels; c += GROUP) {
        float *planes = r.input_gradients + c * p.plane;
        sum_planes(
            r.outputs + p.margin, turned, s.filters * p.taps,
            r.turned + c * s.filters * p.taps, none, pixels, p.plane, planes, wide);
        for (long g = 0; g < GROUP && c + g < s.channels; g++) {
          const float *plane = planes + g * p.plane;
          if (s.planar_input)
            memcpy(target + (c + g) * pixels, plane, (size_t)pixels * sizeof(float));
          else
            for (long i = 0; i < pixels; i++) target[i * s.channels + c + g] = plane[i];
        }
      }
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("arch=x86-64-v4"), min_vector_width(512))) static void backward_wide(
    const void *context, long start, long end) {
  backward(context, start, end, 1);
}
#endif
__attribute__((target_clones("arch=x86-64-v3", "default"))) static void backward_narrow(
    const void *context, long start, long end) {
  backward(context, start, end, 0);
}

void cplanar_backward(
    CPlanarShape shape, const float *input, const float *kernel, const uint8_t *places,
    const float *output_gradient, float *scratch, float *kernel_gradient, float *bias_gradient,
    float *input_gradient) {
  Job job = {shape, plan_of(shape), input, kernel, NULL, output_gradient, scratch, NULL,
             input_gradient, (uint8_t *)places};
  ckernels_for_range(
      CPLANAR_PARTS, shape.rows * shape.height * shape.width, &job,
      is_wide() ? backward_wide : backward_narrow);
  long filters = grouped(shape.filters), weights = job.plan.taps * shape.channels;
  memset(bias_gradient, 0, (size_t)shape.filters * sizeof(float));
  memset(kernel_gradient, 0, (size_t)(weights * shape.filters) * sizeof(float));
  for (long part = 0; part < CPLANAR_PARTS; part++) {
    Scratch r = scratch_of(&job, part);
    for (long f = 0; f < shape.filters; f++) {
      bias_gradient[f] += total(&r.kernel_sums[weights * filters + f]);
      for (long w = 0; w < weights; w++) {
        long channel = w / job.plan.taps, tap = w % job.plan.taps;
        kernel_gradient[(tap * shape.channels + channel) * shape.filters + f] +=
            total(&r.kernel_sums[w * filters + f]);
      }
    }
  }
}
