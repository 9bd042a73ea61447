#include "CKernels.h"

#include <math.h>
#include <string.h>

// The entry point of GCC's OpenMP runtime that oneDNN is built with. Calling it keeps this code in
// oneDNN's pool of threads without a second OpenMP runtime, which the Swift toolchain's compiler
// would bring.
void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);

// One copy of a loop for each kind of processor, chosen when the program is loaded.
#if defined(__x86_64__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif
// Loops over channels are short: the last vector is masked rather than left to a scalar loop.
#define SHORT_LOOP _Pragma("clang loop vectorize(enable) vectorize_predicate(enable)")

typedef void (*RangeBody)(const void *context, long start, long end);

typedef struct {
  RangeBody body;
  const void *context;
  long count;
} ParallelRange;

static void run_share(void *data) {
  const ParallelRange *range = data;
  long thread = omp_get_thread_num(), threads = omp_get_num_threads();
  long start = range->count * thread / threads, end = range->count * (thread + 1) / threads;
  if (start < end) range->body(range->context, start, end);
}

/// Cuts 0..<count into a share for each thread. `work` is about how many values are touched: little
/// work is not worth a second thread.
static void for_range(long count, long work, const void *context, RangeBody body) {
  if (work < 16384) {
    if (count > 0) body(context, 0, count);
    return;
  }
  ParallelRange range = {body, context, count};
  GOMP_parallel(run_share, &range, 0, 0);
}

// Max pooling.

typedef struct {
  CPoolShape shape;
  const float *input, *output;
  float *output_gradient, *target;
} Pool;

FOR_EACH_PROCESSOR static void pool_rows(const void *context, long start, long end) {
  const Pool *pool = context;
  CPoolShape s = pool->shape;
  long height = s.height / s.window, width = s.width / s.window, line = s.width * s.channels;
  for (long row = start; row < end; row++) {
    const float *restrict top =
        pool->input + (row / height * s.height + row % height * s.window) * line;
    float *restrict target = pool->target + row * width * s.channels;
    for (long x = 0; x < width; x++) {
      const float *restrict corner = top + x * s.window * s.channels;
      float *restrict largest = target + x * s.channels;
      SHORT_LOOP for (long c = 0; c < s.channels; c++) largest[c] = corner[c];
      for (long i = 0; i < s.window; i++)
        for (long j = 0; j < s.window; j++) {
          const float *restrict values = corner + i * line + j * s.channels;
          SHORT_LOOP for (long c = 0; c < s.channels; c++)
              largest[c] = values[c] > largest[c] ? values[c] : largest[c];
        }
    }
  }
}

void ckernels_max_pool(CPoolShape shape, const float *input, float *output) {
  Pool pool = {shape, input, NULL, NULL, output};
  for_range(
      shape.rows * (shape.height / shape.window), shape.rows * shape.height * shape.width, &pool,
      pool_rows);
}

FOR_EACH_PROCESSOR static void pool_images_backward(const void *context, long start, long end) {
  const Pool *pool = context;
  CPoolShape s = pool->shape;
  long height = s.height / s.window, width = s.width / s.window, line = s.width * s.channels;
  long image = s.height * line;
  if (s.height % s.window != 0 || s.width % s.window != 0)
    memset(pool->target + start * image, 0, (size_t)((end - start) * image) * sizeof(float));
  for (long row = start * height; row < end * height; row++) {
    long top = row / height * image + row % height * s.window * line;
    for (long x = 0; x < width; x++) {
      const float *restrict largest = pool->output + (row * width + x) * s.channels;
      float *restrict left = pool->output_gradient + (row * width + x) * s.channels;
      for (long i = 0; i < s.window; i++)
        for (long j = 0; j < s.window; j++) {
          long at = top + i * line + (x * s.window + j) * s.channels;
          const float *restrict values = pool->input + at;
          float *restrict target = pool->target + at;
          SHORT_LOOP for (long c = 0; c < s.channels; c++) {
            int first = values[c] == largest[c];
            target[c] = first ? left[c] : 0.0f;
            left[c] = first ? 0.0f : left[c];
          }
        }
    }
  }
}

void ckernels_max_pool_backward(
    CPoolShape shape, const float *input, const float *output, float *output_gradient,
    float *input_gradient) {
  Pool pool = {shape, input, output, output_gradient, input_gradient};
  for_range(
      shape.rows, shape.rows * shape.height * shape.width, &pool, pool_images_backward);
}

// Dropout.

typedef struct {
  uint32_t key_low, key_high, threshold;
  float scale;
  const float *input;
  float *output;
} Dropout;

/// A hash of 32 bits whose bits all depend on all bits of its argument (the finaliser of
/// MurmurHash3).
static inline uint32_t mixed(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  return x ^ x >> 16;
}

FOR_EACH_PROCESSOR static void drop_range(const void *context, long start, long end) {
  const Dropout d = *(const Dropout *)context;
  const float *restrict input = d.input;
  float *restrict output = d.output;
  for (long i = start; i < end; i++) {
    uint32_t draw = mixed(mixed((uint32_t)i ^ d.key_low) + d.key_high);
    output[i] = draw >= d.threshold ? input[i] * d.scale : 0.0f;
  }
}

void ckernels_dropout(long count, float rate, uint64_t key, const float *input, float *output) {
  Dropout dropout = {
      (uint32_t)key, (uint32_t)(key >> 32), (uint32_t)((double)rate * 4294967296.0),
      1.0f / (1.0f - rate), input, output};
  for_range(count, count, &dropout, drop_range);
}

// Bias and ReLU.

typedef struct {
  long columns;
  int relu;
  const float *bias, *gradients;
  float *values;
} Columns;

FOR_EACH_PROCESSOR static void add_bias_rows(const void *context, long start, long end) {
  const Columns *c = context;
  for (long row = start; row < end; row++) {
    float *values = c->values + row * c->columns;
    for (long i = 0; i < c->columns; i++) values[i] += c->bias[i];
    if (c->relu)
      for (long i = 0; i < c->columns; i++) values[i] = values[i] < 0.0f ? 0.0f : values[i];
  }
}

void ckernels_add_bias(long rows, long columns, int relu, const float *bias, float *values) {
  Columns context = {columns, relu, bias, NULL, values};
  for_range(rows, rows * columns, &context, add_bias_rows);
}

void ckernels_sum_rows(long rows, long columns, const float *gradients, float *sums) {
  memset(sums, 0, (size_t)columns * sizeof(float));
  for (long row = 0; row < rows; row++)
    for (long i = 0; i < columns; i++) sums[i] += gradients[row * columns + i];
}

typedef struct {
  const float *output;
  float *gradient;
} Relu;

FOR_EACH_PROCESSOR static void relu_range(const void *context, long start, long end) {
  const Relu *relu = context;
  const float *restrict output = relu->output;
  float *restrict gradient = relu->gradient;
  for (long i = start; i < end; i++) gradient[i] = output[i] > 0.0f ? gradient[i] : 0.0f;
}

void ckernels_relu_backward(long count, const float *output, float *gradient) {
  Relu relu = {output, gradient};
  for_range(count, count, &relu, relu_range);
}

// Optimisers.

typedef struct {
  float rate, rho, epsilon;
  const float *gradient;
  float *velocity, *values;
} RmsProp;

FOR_EACH_PROCESSOR static void rmsprop_range(const void *context, long start, long end) {
  const RmsProp r = *(const RmsProp *)context;
  const float *restrict gradient = r.gradient;
  float *restrict velocity = r.velocity, *restrict values = r.values;
  for (long i = start; i < end; i++) {
    float g = gradient[i], v = r.rho * velocity[i] + (1.0f - r.rho) * g * g;
    velocity[i] = v;
    values[i] -= r.rate * g / sqrtf(v + r.epsilon);
  }
}

void ckernels_rmsprop(
    long count, float rate, float rho, float epsilon, const float *gradient, float *velocity,
    float *values) {
  RmsProp context = {rate, rho, epsilon, gradient, velocity, values};
  for_range(count, count, &context, rmsprop_range);
}
