#include "Parallel.h"
#include "PlanarSums.h"

/// Packs the kernel for the backward pass: groups of channels over filters.
INLINE void pack_turned(CPlanarShape s, Plan p, const float *kernel, float *packed) {
  for (long c = 0; c < grouped(s.channels); c++)
    for (long f = 0; f < s.filters; f++)
      for (long t = 0; t < p.taps; t++)
        packed[((c / GROUP * s.filters + f) * p.taps + t) * GROUP + c % GROUP] =
            c < s.channels ? kernel[(t * s.channels + c) * s.filters + f] : 0.0f;
}

/// Selects values with a bit mask, because a conditional expression is compiled to a branch.
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

/// The gradient of a plane before the pool: 0 except for one pixel of each window.
INLINE void scatter(
    CPlanarShape s, Plan p, long f, const float *gradient, const uint8_t *argmax, float *plane,
    float *scratch) {
  for (long y = 0; y < p.pool_height; y++) {
    const float *line = gradient + (f * p.pool_height + y) * p.pool_width;
    if (!s.planar_output) {
      const float *source = gradient + y * p.pool_width * s.filters + f;
      for (long x = 0; x < p.pool_width; x++) scratch[x] = source[x * s.filters];
      line = scratch;
    }
    Bits *above = (Bits *)(plane + 2 * y * s.width);
    const uint8_t *place = argmax + y * p.pool_width;
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

/// Adds the products of `count` taps, one or two, with GROUP planes of the output gradient.
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

/// Adds the contribution of one image to the gradients of the kernel, [channel, tap, filter], and
/// of the bias, separately for each vector lane.
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
  long taps[MAX_TAPS], turned[MAX_TAPS];
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
            job->argmax + (row * s.filters + f) * pooled, r.outputs + f * p.plane + p.margin,
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
    CPlanarShape shape, const float *input, const float *kernel, const uint8_t *argmax,
    const float *output_gradient, float *scratch, float *kernel_gradient, float *bias_gradient,
    float *input_gradient) {
  Job job = {shape, plan_of(shape), input, kernel, NULL, output_gradient, scratch, NULL,
             input_gradient, (uint8_t *)argmax};
  ckernels_for_range(
      CPLANAR_PARTS, shape.rows * shape.height * shape.width, &job,
      cplanar_is_wide() ? backward_wide : backward_narrow);
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
