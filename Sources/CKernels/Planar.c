#include "CPlanar.h"

#include "Parallel.h"

#include <string.h>

/// One vector of the widest kind; where a processor has narrower ones the compiler takes several.
typedef float Vector __attribute__((vector_size(64)));
/// One that may lie anywhere.
typedef float Loose __attribute__((vector_size(64), aligned(4), may_alias));
#define LANES 16
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
  // The gradients of kernel and bias, the two kernels, the planes of input, output, input gradient.
  long gradients = grouped(s.filters) * (s.channels * p.taps + 1);
  p.part = (gradients + p.kernels + p.turned + 2 * p.inputs + p.outputs + 3 * LANES) / LANES * LANES;
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
  float *kernel_gradient, *bias_gradient, *kernels, *turned, *inputs, *outputs, *input_gradients;
} Scratch;

static Scratch scratch_of(const Job *job, long part) {
  CPlanarShape s = job->shape;
  Plan p = job->plan;
  float *start = job->scratch + part * p.part;
  Scratch r;
  r.inputs = start;
  r.outputs = r.inputs + p.inputs;
  r.input_gradients = r.outputs + p.outputs;
  r.kernels = r.input_gradients + p.inputs;
  r.turned = r.kernels + p.kernels;
  r.kernel_gradient = r.turned + p.turned;
  r.bias_gradient = r.kernel_gradient + grouped(s.filters) * s.channels * p.taps;
  return r;
}

#define INLINE static inline __attribute__((always_inline))

/// The picture as planes.
INLINE void spread(CPlanarShape s, Plan p, const float *picture, float *planes) {
  long pixels = s.height * s.width;
  for (long c = 0; c < s.channels; c++) {
    float *restrict plane = planes + c * p.plane + p.margin;
    for (long i = 0; i < pixels; i++) plane[i] = picture[i * s.channels + c];
  }
}

/// GROUP planes of the output from `channels` planes of the input; `kernel` is
/// [channel, tap, GROUP] and `offsets` says how far from p each tap reads.
INLINE void sum_planes(
    const float *inputs, long plane, long channels, const float *kernel, const long *offsets,
    long taps, const float *bias, long length, float *outputs) {
  for (long at = 0; at < length; at += LANES) {
    Vector sums[GROUP];
    for (int f = 0; f < GROUP; f++) sums[f] = (Vector){} + bias[f];
    for (long c = 0; c < channels; c++)
      for (long t = 0; t < taps; t++) {
        Vector value = *(const Loose *)(inputs + c * plane + at + offsets[t]);
        const float *weights = kernel + (c * taps + t) * GROUP;
        for (int f = 0; f < GROUP; f++) sums[f] += value * weights[f];
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

INLINE void pool_plane(
    CPlanarShape s, Plan p, const float *plane, long filter, float *output, uint8_t *places) {
  for (long y = 0; y < p.pool_height; y++) {
    const float *restrict above = plane + 2 * y * s.width, *restrict below = above + s.width;
    float *restrict target = output + y * p.pool_width * s.filters + filter;
    uint8_t *restrict place = places + y * p.pool_width * s.filters + filter;
    float largest[256];
    uint8_t which[256];
    for (long first = 0; first < p.pool_width; first += 256) {
      long count = p.pool_width - first < 256 ? p.pool_width - first : 256;
      for (long x = 0; x < count; x++) {
        float a = above[2 * (first + x)], b = above[2 * (first + x) + 1];
        float c = below[2 * (first + x)], d = below[2 * (first + x) + 1];
        float upper = b > a ? b : a, lower = d > c ? d : c;
        uint8_t of_upper = b > a ? 1 : 0, of_lower = d > c ? 3 : 2;
        float most = lower > upper ? lower : upper;
        uint8_t of_most = lower > upper ? of_lower : of_upper;
        int dead = s.relu && !(most > 0.0f);
        largest[x] = dead ? 0.0f : most;
        which[x] = dead ? 4 : of_most;
      }
      for (long x = 0; x < count; x++) {
        target[(first + x) * s.filters] = largest[x];
        place[(first + x) * s.filters] = which[x];
      }
    }
  }
}

FOR_EACH_PROCESSOR static void forward_parts(const void *context, long start, long end) {
  const Job *job = context;
  CPlanarShape s = job->shape;
  Plan p = job->plan;
  long offsets[64];
  for (long t = 0; t < p.taps; t++) offsets[t] = t / s.kernel * s.width + t % s.kernel;
  long picture = s.height * s.width * s.channels, pooled = p.pool_height * p.pool_width * s.filters;
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
            r.inputs + p.margin, p.plane, s.channels, r.kernels + f * s.channels * p.taps, offsets,
            p.taps, bias, p.length, outputs);
        for (long g = 0; g < GROUP && f + g < s.filters; g++)
          pool_plane(
              s, p, outputs + g * p.plane, f + g, job->output + row * pooled,
              job->places + row * pooled);
      }
    }
  }
}

void cplanar_forward(
    CPlanarShape shape, const float *input, const float *kernel, const float *bias, float *scratch,
    float *output, uint8_t *places) {
  Job job = {shape, plan_of(shape), input, kernel, bias, NULL, scratch, output, NULL, places};
  ckernels_for_range(
      CPLANAR_PARTS, shape.rows * shape.height * shape.width, &job, forward_parts);
}

/// The gradient of a plane before the pool: all 0 but for one pixel of each window.
INLINE void scatter(
    CPlanarShape s, Plan p, const float *gradient, const uint8_t *places, long filter,
    float *plane) {
  for (long y = 0; y < p.pool_height; y++) {
    float *restrict above = plane + 2 * y * s.width, *restrict below = above + s.width;
    const float *restrict source = gradient + y * p.pool_width * s.filters + filter;
    const uint8_t *restrict place = places + y * p.pool_width * s.filters + filter;
    for (long x = 0; x < p.pool_width; x++) {
      float g = source[x * s.filters];
      uint8_t at = place[x * s.filters];
      above[2 * x] = at == 0 ? g : 0.0f;
      above[2 * x + 1] = at == 1 ? g : 0.0f;
      below[2 * x] = at == 2 ? g : 0.0f;
      below[2 * x + 1] = at == 3 ? g : 0.0f;
    }
  }
}

INLINE float total(const Vector *v) {
  float sum = 0.0f;
  for (int i = 0; i < LANES; i++) sum += (*v)[i];
  return sum;
}

/// Adds what one picture gives to the gradients of kernel, [tap, channel, filter], and bias.
INLINE void gather(CPlanarShape s, Plan p, const long *offsets, Scratch r) {
  long filters = grouped(s.filters);
  for (long f = 0; f < filters; f += GROUP) {
    const float *outputs = r.outputs + f * p.plane + p.margin;
    for (long c = 0; c < s.channels; c++)
      for (long t = 0; t < p.taps; t++) {
        const float *inputs = r.inputs + c * p.plane + p.margin + offsets[t];
        Vector sums[GROUP];
        for (int g = 0; g < GROUP; g++) sums[g] = (Vector){};
        for (long at = 0; at < p.length; at += LANES) {
          Vector value = *(const Loose *)(inputs + at);
          for (int g = 0; g < GROUP; g++)
            sums[g] += value * *(const Loose *)(outputs + g * p.plane + at);
        }
        float *target = r.kernel_gradient + (t * s.channels + c) * filters + f;
        for (int g = 0; g < GROUP; g++) target[g] += total(&sums[g]);
      }
    for (int g = 0; g < GROUP; g++) {
      Vector sum = (Vector){};
      for (long at = 0; at < p.length; at += LANES)
        sum += *(const Loose *)(outputs + g * p.plane + at);
      r.bias_gradient[f + g] += total(&sum);
    }
  }
}

FOR_EACH_PROCESSOR static void backward_parts(const void *context, long start, long end) {
  const Job *job = context;
  CPlanarShape s = job->shape;
  Plan p = job->plan;
  long offsets[64], turned[64];
  for (long t = 0; t < p.taps; t++) {
    offsets[t] = t / s.kernel * s.width + t % s.kernel;
    turned[t] = -offsets[t];
  }
  const float none[GROUP] = {0};
  long pixels = s.height * s.width, pooled = p.pool_height * p.pool_width * s.filters;
  long filters = grouped(s.filters);
  for (long part = start; part < end; part++) {
    Scratch r = scratch_of(job, part);
    memset(r.inputs, 0, (size_t)p.inputs * sizeof(float));
    memset(r.outputs, 0, (size_t)p.outputs * sizeof(float));
    memset(r.kernel_gradient, 0, (size_t)(filters * (s.channels * p.taps + 1)) * sizeof(float));
    if (job->input_gradient != NULL) pack_turned(s, p, job->kernel, r.turned);
    for (long row = s.rows * part / CPLANAR_PARTS; row < s.rows * (part + 1) / CPLANAR_PARTS; row++) {
      spread(s, p, job->input + row * pixels * s.channels, r.inputs);
      for (long f = 0; f < s.filters; f++)
        scatter(
            s, p, job->output_gradient + row * pooled, job->places + row * pooled, f,
            r.outputs + f * p.plane + p.margin);
      gather(s, p, offsets, r);
      if (job->input_gradient == NULL) continue;
      float *target = job->input_gradient + row * pixels * s.channels;
      for (long c = 0; c < s.channels; c += GROUP) {
        float *planes = r.input_gradients + c * p.plane;
        sum_planes(
            r.outputs + p.margin, p.plane, s.filters, r.turned + c * s.filters * p.taps, turned,
            p.taps, none, pixels, planes);
        for (long g = 0; g < GROUP && c + g < s.channels; g++)
          for (long i = 0; i < pixels; i++)
            target[i * s.channels + c + g] = planes[g * p.plane + i];
      }
    }
  }
}

void cplanar_backward(
    CPlanarShape shape, const float *input, const float *kernel, const uint8_t *places,
    const float *output_gradient, float *scratch, float *kernel_gradient, float *bias_gradient,
    float *input_gradient) {
  Job job = {shape, plan_of(shape), input, kernel, NULL, output_gradient, scratch, NULL,
             input_gradient, (uint8_t *)places};
  ckernels_for_range(
      CPLANAR_PARTS, shape.rows * shape.height * shape.width, &job, backward_parts);
  long filters = grouped(shape.filters), weights = job.plan.taps * shape.channels;
  memset(bias_gradient, 0, (size_t)shape.filters * sizeof(float));
  memset(kernel_gradient, 0, (size_t)(weights * shape.filters) * sizeof(float));
  for (long part = 0; part < CPLANAR_PARTS; part++) {
    Scratch r = scratch_of(&job, part);
    for (long f = 0; f < shape.filters; f++) {
      bias_gradient[f] += r.bias_gradient[f];
      for (long w = 0; w < weights; w++)
        kernel_gradient[w * shape.filters + f] += r.kernel_gradient[w * filters + f];
    }
  }
}
