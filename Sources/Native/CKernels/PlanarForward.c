#include "PlanarPhases.h"
#include "PlanarPool.h"
#include "PlanarSums.h"

long cplanar_scratch(CPlanarShape shape) { return CPLANAR_PARTS * plan_of(shape).part; }

/// Rounds to 16-bit floats.
INLINE void round_values(long count, float *values) {
  for (long i = 0; i < count; i++) values[i] = widened(narrowed(values[i]));
}

/// Packs the kernel in groups of filters; missing filters are 0.
INLINE void pack(CPlanarShape s, Plan p, const float *kernel, float *packed) {
  for (long f = 0; f < grouped(s.filters); f++)
    for (long c = 0; c < s.channels; c++)
      for (long t = 0; t < p.taps; t++)
        packed[((f / GROUP * s.channels + c) * p.taps + t) * GROUP + f % GROUP] =
            f < s.filters ? kernel[(t * s.channels + c) * s.filters + f] : 0.0f;
  if (s.narrow) round_values(grouped(s.filters) * s.channels * p.taps, packed);
}

static inline Finish finish_of(const Job *job) {
  Finish finish = {job->shape.relu, {}, 0};
  if (job->dropout != NULL) finish.dropping = dropping_of(job->dropout->rate, job->dropout->key);
  return finish;
}

/// The same for the values of a row.
INLINE Finish finish_of_row(const Job *job, Finish finish, long row) {
  if (job->dropout == NULL) return finish;
  long values = job->shape.filters * job->plan.pooled;
  return from_number(finish, crow_number(job->dropout->numbers, row) * values);
}

/// Max pool, and dropout if `drops`, over one plane of filter `f`. `argmax` is one plane, `output` is
/// that of the whole image.
INLINE void pool_plane(
    CPlanarShape s, Plan p, long f, const int drops, Finish finish, const float *plane,
    float *output, uint8_t *argmax, float *scratch) {
  for (long y = 0; y < p.pool_height; y++) {
    const float *above = plane + 2 * y * s.width;
    uint8_t *which = argmax + y * p.pool_width;
    float *line =
        s.planar_output ? output + (f * p.pool_height + y) * p.pool_width : scratch;
    FOR_BLOCKS(
        p.pool_width, pool_line, drops, from_number(finish, x), above + 2 * x,
        above + s.width + 2 * x, line + x, which + x)
    finish.number += (uint32_t)p.pool_width;
    if (s.planar_output) continue;
    float *target = output + y * p.pool_width * s.filters + f;
    for (long x = 0; x < p.pool_width; x++) target[x * s.filters] = line[x];
  }
}

RANGE_LOOP(forward_planes) {
  const Job *job = context;
  CPlanarShape s = job->shape;
  Plan p = job->plan;
  long taps[MAX_TAPS], direct_taps[MAX_TAPS];
  place_taps(s, p, p.plane, taps);
  place_taps(s, p, s.height * s.width, direct_taps);
  long count = s.channels * p.taps;
  long image = s.height * s.width * s.channels;
  // Planes are read where they are. Sums cross the end of an image by less than a vector and the side
  // of the kernel, which nobody uses; those of the last image would cross the end of the memory.
  int is_readable = (s.planar_input || s.channels == 1) && image >= LANES + s.kernel;
  long direct_rows = is_readable && !s.narrow ? s.rows - 1 : 0;
  Finish finish = finish_of(job);
  for (long part = start; part < end; part++) {
    float *inputs = memory_of(job, part), *planes = inputs + p.inputs;
    float *kernels = planes + p.outputs, *line = kernels + p.kernels;
    pack(s, p, job->kernel, kernels);
    for (long row = s.rows * part / CPLANAR_PARTS; row < s.rows * (part + 1) / CPLANAR_PARTS; row++) {
      int is_direct = row < direct_rows;
      Finish of_row = finish_of_row(job, finish, row);
      if (!is_direct) spread(s, p, job->input + row * image, inputs);
      if (s.narrow) round_values(s.channels * p.plane, inputs);
      for (long f = 0; f < s.filters; f += GROUP) {
        float bias[GROUP];
        for (long g = 0; g < GROUP; g++) bias[g] = f + g < s.filters ? job->bias[f + g] : 0.0f;
        float *outputs = planes + f * p.plane + p.margin;
        sum_planes(
            is_direct ? job->input + row * image : inputs + p.margin, is_direct ? direct_taps : taps,
            count, kernels + f * count, bias, p.length, p.plane, outputs);
        for (long g = 0; g < GROUP && f + g < s.filters; g++) {
          const float *plane = outputs + g * p.plane;
          float *output = job->output + row * p.pooled * s.filters;
          uint8_t *argmax = job->argmax + (row * s.filters + f + g) * p.pooled;
          Finish own = from_number(of_row, (f + g) * p.pooled);
          if (job->dropout != NULL)
            pool_plane(s, p, f + g, 1, own, plane, output, argmax, line);
          else
            pool_plane(s, p, f + g, 0, own, plane, output, argmax, line);
        }
      }
    }
  }
}

#if defined(__x86_64__)
/// Copies an image to its phases.
AT_AVX512 static void make_phases(CPlanarShape s, Plan p, const float *planes, long distance, float *phases) {
  for (long c = 0; c < phase_planes(s); c++) {
    float *to = phases + 4 * c * p.phase;
    if (!s.narrow)
      split_phases(s, p, planes + c * distance, to);
    else if (are_pairs_of_pixels(s))
      pair_pixels(s, p, planes, to);
    else
      pair_planes(
          s, p, planes + 2 * c * distance,
          2 * c + 1 < s.channels ? planes + (2 * c + 1) * distance : NULL, to);
  }
}

typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));

/// Copies planes to pixels.
INLINE void interleave(long count, long planes, const float *from, float *to) {
  long whole = count / 4 * 4;
  for (long c = 0; c + 4 <= planes; c += 4)
    for (long i = 0; i < whole; i += 4) {
      Four m[4];
      for (int k = 0; k < 4; k++) m[k] = *(const Four *)(from + (c + k) * count + i);
      Four low = __builtin_shufflevector(m[0], m[1], 0, 4, 1, 5);
      Four high = __builtin_shufflevector(m[0], m[1], 2, 6, 3, 7);
      Four other_low = __builtin_shufflevector(m[2], m[3], 0, 4, 1, 5);
      Four other_high = __builtin_shufflevector(m[2], m[3], 2, 6, 3, 7);
      *(Four *)(to + i * planes + c) = __builtin_shufflevector(low, other_low, 0, 1, 4, 5);
      *(Four *)(to + (i + 1) * planes + c) = __builtin_shufflevector(low, other_low, 2, 3, 6, 7);
      *(Four *)(to + (i + 2) * planes + c) = __builtin_shufflevector(high, other_high, 0, 1, 4, 5);
      *(Four *)(to + (i + 3) * planes + c) = __builtin_shufflevector(high, other_high, 2, 3, 6, 7);
    }
  for (long c = 0; c < planes; c++)
    for (long i = c < planes / 4 * 4 ? whole : 0; i < count; i++)
      to[i * planes + c] = from[c * count + i];
}

/// One image from its phases.
AT_AVX512 static void forward_image(
    const Job *job, const WindowTaps *taps, const float *phases, const float *kernels,
    const WindowBlock *blocks, Finish finish, long row, float *line) {
  CPlanarShape s = job->shape;
  Plan p = job->plan;
  float *output = job->output + row * s.filters * p.pooled, *planes = s.planar_output ? output : line;
  for (long f = 0; f < s.filters; f += GROUP) {
    float bias[GROUP];
    for (long g = 0; g < GROUP; g++) bias[g] = f + g < s.filters ? job->bias[f + g] : 0.0f;
    Maxima to = {
        planes + f * p.pooled, job->argmax + (row * s.filters + f) * p.pooled, p.pooled,
        job->dropout != NULL, from_number(finish, f * p.pooled)};
    for (long block = 0; block < p.blocks; block++)
      (s.narrow ? pool_windows_of_pairs : pool_windows)(
          phases + block * LANES, taps, kernels + f * taps->count, bias, blocks[block],
          s.filters - f, &to);
  }
  if (!s.planar_output) interleave(p.pooled, s.filters, line, output);
}

AT_AVX512 static void forward_phases(const void *context, long start, long end) {
  const Job *job = context;
  CPlanarShape s = job->shape;
  Plan p = job->plan;
  WindowTaps taps;
  place_phase_taps(s, p, &taps);
  long pixels = s.height * s.width;
  int are_planes = s.planar_input || s.channels == 1;
  Finish finish = finish_of(job);
  for (long part = start; part < end; part++) {
    float *inputs = memory_of(job, part), *phases = inputs + p.inputs;
    float *kernels = phases + 4 * s.channels * p.phase;
    WindowBlock *blocks = (WindowBlock *)(kernels + p.kernels);
    float *line = (float *)blocks + aligned(2 * p.blocks);
    pack_phases(s, p, job->kernel, kernels);
    list_blocks(p, blocks);
    for (long row = s.rows * part / CPLANAR_PARTS; row < s.rows * (part + 1) / CPLANAR_PARTS; row++) {
      const float *image = job->input + row * pixels * s.channels;
      if (!are_planes) spread(s, p, image, inputs);
      if (are_planes)
        make_phases(s, p, image, pixels, phases);
      else
        make_phases(s, p, inputs + p.margin, p.plane, phases);
      forward_image(
          job, &taps, phases, kernels, blocks, finish_of_row(job, finish, row), row, line);
    }
  }
}
#else
#define forward_phases forward_planes
#endif

void cplanar_forward(
    CPlanarShape shape, const float *input, const float *kernel, const float *bias,
    const CPlanarDropout *dropout, float *scratch, float *output, uint8_t *argmax) {
  Job job = {
      .shape = shape, .plan = plan_of(shape), .input = input, .kernel = kernel, .bias = bias,
      .dropout = dropout, .scratch = scratch, .output = output, .argmax = argmax};
  cmachine_for_range(
      CPLANAR_PARTS, shape.rows * shape.height * shape.width, &job,
      cmachine_level() == CMACHINE_AVX512 && (!shape.narrow || cmachine_has_bf16())
          ? forward_phases
          : forward_planes);
}
