#include "PlanarPool.h"
#include "PlanarSums.h"

long cplanar_scratch(CPlanarShape shape) { return CPLANAR_PARTS * plan_of(shape).part; }

/// Packs the kernel in groups of filters; missing filters are 0.
INLINE void pack(CPlanarShape s, Plan p, const float *kernel, float *packed) {
  for (long f = 0; f < grouped(s.filters); f++)
    for (long c = 0; c < s.channels; c++)
      for (long t = 0; t < p.taps; t++)
        packed[((f / GROUP * s.channels + c) * p.taps + t) * GROUP + f % GROUP] =
            f < s.filters ? kernel[(t * s.channels + c) * s.filters + f] : 0.0f;
}

/// Max pool over one plane of filter `f`. `argmax` is one plane, `output` is that of the whole
/// image.
INLINE void pool_plane(
    CPlanarShape s, Plan p, long f, const float *plane, float *output, uint8_t *argmax,
    float *scratch, const int wide) {
  for (long y = 0; y < p.pool_height; y++) {
    const float *above = plane + 2 * y * s.width;
    uint8_t *which = argmax + y * p.pool_width;
    float *line =
        s.planar_output ? output + (f * p.pool_height + y) * p.pool_width : scratch;
    if (wide)
      pool_line_wide(p.pool_width, s.relu, above, above + s.width, line, which);
    else
      FOR_BLOCKS(p.pool_width, pool_line, s.relu, above + 2 * x, above + s.width + 2 * x, line + x, which + x)
    if (s.planar_output) continue;
    float *target = output + y * p.pool_width * s.filters + f;
    for (long x = 0; x < p.pool_width; x++) target[x * s.filters] = line[x];
  }
}

INLINE void forward(const void *context, long start, long end, const int wide) {
  const Job *job = context;
  CPlanarShape s = job->shape;
  Plan p = job->plan;
  long taps[MAX_TAPS], direct_taps[MAX_TAPS];
  place_taps(s, p, p.plane, taps);
  place_taps(s, p, s.height * s.width, direct_taps);
  long count = s.channels * p.taps;
  long image = s.height * s.width * s.channels;
  // Planes are read where they are. Sums cross the end of an image by less than two vectors and the
  // side of the kernel, which nobody uses; those of the last image would cross the end of the memory.
  int is_readable = (s.planar_input || s.channels == 1) && image >= 2 * LANES + s.kernel;
  long direct_rows = is_readable ? s.rows - 1 : 0;
  for (long part = start; part < end; part++) {
    float *inputs = memory_of(job, part), *planes = inputs + p.inputs;
    float *kernels = planes + p.outputs, *line = kernels + p.kernels;
    pack(s, p, job->kernel, kernels);
    for (long row = s.rows * part / CPLANAR_PARTS; row < s.rows * (part + 1) / CPLANAR_PARTS; row++) {
      int is_direct = row < direct_rows;
      if (!is_direct) spread(s, p, job->input + row * image, inputs);
      for (long f = 0; f < s.filters; f += GROUP) {
        float bias[GROUP];
        for (long g = 0; g < GROUP; g++) bias[g] = f + g < s.filters ? job->bias[f + g] : 0.0f;
        float *outputs = planes + f * p.plane + p.margin;
        sum_planes(
            is_direct ? job->input + row * image : inputs + p.margin, is_direct ? direct_taps : taps,
            count, kernels + f * count, bias, p.length, p.plane, outputs, wide);
        for (long g = 0; g < GROUP && f + g < s.filters; g++)
          pool_plane(
              s, p, f + g, outputs + g * p.plane, job->output + row * p.pooled * s.filters,
              job->argmax + (row * s.filters + f + g) * p.pooled, line, wide);
      }
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("arch=x86-64-v4"), min_vector_width(512))) static void forward_wide(
    const void *context, long start, long end) {
  forward(context, start, end, 1);
}
#else
#define forward_wide forward_narrow
#endif
RANGE_LOOP(forward_narrow) { forward(context, start, end, 0); }

void cplanar_forward(
    CPlanarShape shape, const float *input, const float *kernel, const float *bias, float *scratch,
    float *output, uint8_t *argmax) {
  Job job = {shape, plan_of(shape), input, kernel, bias, NULL, scratch, output, NULL, argmax};
  cmachine_for_range(
      CPLANAR_PARTS, shape.rows * shape.height * shape.width, &job,
      cmachine_level() == CMACHINE_AVX512 ? forward_wide : forward_narrow);
}
