#include "CMachine.h"
#include "PlanarEntries.h"
#include "PlanarPixels.h"

#include <string.h>

// The gradient before the pool is 0 but for one pixel of each window, and often for that one too.
// Only the others are multiplied: with the pixels of the input under the kernel for the gradient of
// the kernel, and with the kernel, shifted within the pixels of the window, for that of the input.
// In the memory of this pass, the channels of a pixel are next to each other.

_Static_assert(CPLANAR_MAX_FILTERS <= 32, "a window has one bit for each filter");

/// Pointers into the memory of one part.
typedef struct {
  float *pixels, *gradients, *shifted;
  Vector *sums;
  int32_t *windows;
  float *line;
  Entries entries;
  float *values;  // of all windows of all filters
  int32_t *kernels;
  uint32_t *filters;  // of all windows
} Scratch;

INLINE Scratch scratch_of(const Job *job, long part) {
  CPlanarShape s = job->shape;
  Plan p = job->plan;
  long windows = aligned(p.pooled) + LANES;
  Scratch r;
  r.pixels = memory_of(job, part);
  r.gradients = r.pixels + p.pixels;
  r.shifted = r.gradients + p.pixels;
  r.sums = (Vector *)(r.shifted + s.filters * 4 * p.patch);
  r.line = (float *)r.sums + s.filters * p.sums;
  r.windows = (int32_t *)(r.line + windows);
  r.entries = (Entries){0, r.line + 2 * windows, (int32_t *)(r.line + 3 * windows)};
  r.values = r.line + 4 * windows;
  r.kernels = (int32_t *)(r.values + s.filters * windows);
  r.filters = (uint32_t *)(r.kernels + s.filters * windows);
  return r;
}

INLINE void load_pixels(CPlanarShape s, Plan p, const float *image, float *pixels) {
  long count = s.height * s.width;
  if (p.step == 1) {
    memcpy(pixels, image, (size_t)count * sizeof(float));
  } else if (s.planar_input) {
    join_planes(count, s.channels, image, pixels);
  } else {
    for (long i = 0; i < count; i++)
      for (long c = 0; c < s.channels; c++) pixels[i * PADDED + c] = image[i * s.channels + c];
  }
}

INLINE void store_gradients(CPlanarShape s, const float *pixels, float *image) {
  long count = s.height * s.width;
  if (s.planar_input) {
    split_planes(count, s.channels, pixels, image);
  } else {
    for (long i = 0; i < count; i++)
      for (long c = 0; c < s.channels; c++) image[i * s.channels + c] = pixels[i * PADDED + c];
  }
}

/// Adds the products of each entry with `rows` rows of `vectors` vectors of the input.
INLINE void multiply_entries(
    Entries entries, const float *pixels, long row, const int rows, const int vectors,
    Vector *sums) {
  Vector one[3][3], other[3][3];
  for (int y = 0; y < rows; y++)
    for (int v = 0; v < vectors; v++) {
      one[y][v] = sums[y * vectors + v];
      other[y][v] = (Vector){};
    }
  long i = 0;
  // One vector a row would leave the units for multiplication waiting for its sum.
  for (; vectors == 1 && i + 1 < entries.count; i += 2) {
    const float *first = pixels + entries.offsets[i], *second = pixels + entries.offsets[i + 1];
    for (int y = 0; y < rows; y++) {
      one[y][0] += *(const Loose *)(first + y * row) * entries.values[i];
      other[y][0] += *(const Loose *)(second + y * row) * entries.values[i + 1];
    }
  }
  for (; i < entries.count; i++) {
    const float *at = pixels + entries.offsets[i];
    for (int y = 0; y < rows; y++)
      for (int v = 0; v < vectors; v++)
        one[y][v] += *(const Loose *)(at + y * row + v * LANES) * entries.values[i];
  }
  for (int y = 0; y < rows; y++)
    for (int v = 0; v < vectors; v++)
      sums[y * vectors + v] = vectors == 1 ? one[y][v] + other[y][v] : one[y][v];
}

/// Adds the contribution of one filter of one image to the gradients of its kernel and bias.
INLINE void gather(CPlanarShape s, Plan p, Entries entries, const float *pixels, Vector *sums) {
  long row = s.width * p.step;
  for (long y = 0; y < s.kernel; y += 3) {
    long rows = s.kernel - y < 3 ? s.kernel - y : 3;
    const float *from = pixels + y * row;
    Vector *to = sums + y * p.run;
#define ROWS(n, vectors)                                                                           \
  if (rows == n && p.run == vectors) multiply_entries(entries, from, row, n, vectors, to);
    ROWS(1, 1) ROWS(2, 1) ROWS(3, 1) ROWS(1, 2) ROWS(2, 2) ROWS(3, 2) ROWS(1, 3) ROWS(2, 3) ROWS(3, 3)
#undef ROWS
  }
  memset(entries.values + entries.count, 0, sizeof(Vector));
  for (long i = 0; i < entries.count; i += LANES)
    sums[s.kernel * p.run] += *(const Loose *)(entries.values + i);
}

/// The kernel of each filter at each of the four pixels of a window: [filter, pixel, kernel + 1,
/// reach, LANES].
INLINE void shift_kernels(CPlanarShape s, Plan p, const float *kernel, float *shifted) {
  memset(shifted, 0, (size_t)(s.filters * 4 * p.patch) * sizeof(float));
  for (long f = 0; f < s.filters; f++)
    for (long place = 0; place < 4; place++)
      for (long t = 0; t < p.taps; t++)
        for (long c = 0; c < s.channels; c++) {
          long y = t / s.kernel + place / 2, x = t % s.kernel + place % 2;
          shifted[(f * 4 + place) * p.patch + y * p.reach * LANES + x * PADDED + c] =
              kernel[(t * s.channels + c) * s.filters + f];
        }
}

/// Adds what all filters contribute to `rows` rows of the pixels of each window.
///
/// Two windows next to each other are one vector of pixels apart. What a window contributes to the
/// vectors of the next ones stays in registers until these are written.
INLINE void add_kernels(
    CPlanarShape s, Plan p, Scratch r, const float *shifted, float *gradients, const int rows,
    const int vectors) {
  long windows = aligned(p.pooled) + LANES, row = s.width * PADDED;
  for (long window_row = 0; window_row < p.pool_height; window_row++) {
    float *target = gradients + 2 * window_row * row;
    long i = window_row * p.pool_width, end = i + p.pool_width;
    Vector kept[4][3] = {};
    for (; i < end; i++, target += 2 * PADDED) {
      Vector sums[4][3] = {};
      for (uint32_t filters = r.filters[i]; filters != 0; filters &= filters - 1) {
        long f = __builtin_ctz(filters);
        const float *from = shifted + r.kernels[f * windows + i];
        float value = r.values[f * windows + i];
        for (int y = 0; y < rows; y++)
          for (int v = 0; v < vectors; v++)
            sums[y][v] += *(const Vector *)(from + (y * vectors + v) * LANES) * value;
      }
      for (int y = 0; y < rows; y++) {
        Loose *first = (Loose *)(target + y * row);
        *first += kept[y][0] + sums[y][0];
        for (int v = 1; v < vectors; v++) kept[y][v - 1] = kept[y][v] + sums[y][v];
      }
    }
    for (int y = 0; y < rows; y++)
      for (int v = 0; v + 1 < vectors; v++)
        *(Loose *)(target + y * row + v * LANES) += kept[y][v];
  }
}

INLINE void spread_gradient(CPlanarShape s, Plan p, Scratch r, const CMachineLevel level) {
  memset(r.gradients, 0, (size_t)p.pixels * sizeof(float));
  const int most = level == CMACHINE_AVX512 ? 4 : 2;
  for (long y = 0; y < s.kernel + 1; y += most) {
    long rows = s.kernel + 1 - y < most ? s.kernel + 1 - y : most;
    const float *from = r.shifted + y * p.reach * LANES;
    float *to = r.gradients + y * s.width * PADDED;
#define ROWS(n, vectors)                                                                           \
  if (n <= most && rows == n && p.reach == vectors) add_kernels(s, p, r, from, to, n, vectors);
    ROWS(1, 1) ROWS(2, 1) ROWS(3, 1) ROWS(4, 1) ROWS(1, 2) ROWS(2, 2) ROWS(3, 2) ROWS(4, 2)
    ROWS(1, 3) ROWS(2, 3) ROWS(3, 3) ROWS(4, 3)
#undef ROWS
  }
}

/// The offsets of the first pixel of each window.
INLINE void place_windows(CPlanarShape s, Plan p, int32_t *windows) {
  for (long y = 0; y < p.pool_height; y++)
    for (long x = 0; x < p.pool_width; x++)
      windows[y * p.pool_width + x] = (int32_t)((2 * y * s.width + 2 * x) * p.step);
}

INLINE void backward(const void *context, long start, long end, const CMachineLevel level) {
  const Job *job = context;
  CPlanarShape s = job->shape;
  Plan p = job->plan;
  long pixels = s.height * s.width, windows = aligned(p.pooled) + LANES;
  for (long part = start; part < end; part++) {
    Scratch r = scratch_of(job, part);
    memset(r.pixels, 0, (size_t)p.pixels * sizeof(float));
    memset(r.sums, 0, (size_t)(s.filters * p.sums) * sizeof(float));
    place_windows(s, p, r.windows);
    if (job->input_gradient != NULL) shift_kernels(s, p, job->kernel, r.shifted);
    for (long row = s.rows * part / CPLANAR_PARTS; row < s.rows * (part + 1) / CPLANAR_PARTS; row++) {
      load_pixels(s, p, job->input + row * pixels * s.channels, r.pixels);
      const float *gradient = job->output_gradient + row * p.pooled * s.filters;
      memset(r.filters, 0, (size_t)windows * sizeof(uint32_t));
      for (long f = 0; f < s.filters; f++) {
        const float *line = gradient + f * p.pooled;
        if (!s.planar_output) {
          for (long i = 0; i < p.pooled; i++) r.line[i] = gradient[i * s.filters + f];
          line = r.line;
        }
        Shifts shifts = {{0}, {0}};
        for (int place = 0; place < 5; place++) {
          shifts.pixels[place] = (int32_t)((place % 4 / 2 * s.width + place % 2) * p.step);
          shifts.kernels[place] = (int32_t)((f * 4 + place % 4) * p.patch);
        }
        Windows all = {r.values + f * windows, r.kernels + f * windows, r.filters, 1u << f};
        const uint8_t *places = job->argmax + (row * s.filters + f) * p.pooled;
        Entries entries = (level == CMACHINE_AVX512 ? list_entries_wide
                           : level == CMACHINE_AVX2 ? list_entries_middle
                                                    : list_entries_narrow)(
            line, job->scale, places, r.windows, shifts, p.pooled, r.entries,
            job->input_gradient == NULL ? NULL : &all);
        gather(s, p, entries, r.pixels, r.sums + f * p.sums / LANES);
      }
      if (job->input_gradient == NULL) continue;
      spread_gradient(s, p, r, level);
      store_gradients(s, r.gradients, job->input_gradient + row * pixels * s.channels);
    }
  }
}

AT_AVX512 static void backward_avx512(const void *context, long start, long end) {
  backward(context, start, end, CMACHINE_AVX512);
}
AT_AVX2 static void backward_avx2(const void *context, long start, long end) {
  backward(context, start, end, CMACHINE_AVX2);
}
static void backward_portable(const void *context, long start, long end) {
  backward(context, start, end, CMACHINE_PORTABLE);
}

static CRangeBody backward_body(void) {
  switch (cmachine_level()) {
    case CMACHINE_AVX512: return backward_avx512;
    case CMACHINE_AVX2: return backward_avx2;
    default: return backward_portable;
  }
}

void cplanar_backward(
    CPlanarShape shape, const float *input, const float *kernel, const uint8_t *argmax,
    const float *output_gradient, float scale, float *scratch, float *kernel_gradient,
    float *bias_gradient, float *input_gradient) {
  Job job = {
      .shape = shape, .plan = plan_of(shape), .input = input, .kernel = kernel,
      .output_gradient = output_gradient, .scale = scale, .scratch = scratch,
      .input_gradient = input_gradient, .argmax = (uint8_t *)argmax};
  Plan p = job.plan;
  cmachine_for_range(
      CPLANAR_PARTS, shape.rows * shape.height * shape.width, &job, backward_body());
  memset(bias_gradient, 0, (size_t)shape.filters * sizeof(float));
  memset(kernel_gradient, 0, (size_t)(p.taps * shape.channels * shape.filters) * sizeof(float));
  for (long part = 0; part < CPLANAR_PARTS; part++) {
    const float *sums = (const float *)scratch_of(&job, part).sums;
    for (long f = 0; f < shape.filters; f++, sums += p.sums) {
      for (long lane = 0; lane < LANES; lane++)
        bias_gradient[f] += sums[shape.kernel * p.run * LANES + lane];
      for (long t = 0; t < p.taps; t++)
        for (long c = 0; c < shape.channels; c++)
          kernel_gradient[(t * shape.channels + c) * shape.filters + f] +=
              sums[t / shape.kernel * p.run * LANES + t % shape.kernel * p.step + c];
    }
  }
}
