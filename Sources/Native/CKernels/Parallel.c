#include "Parallel.h"

#include "CKernels.h"

// The entry point of GCC's OpenMP runtime, which oneDNN is built with. Calling it directly uses
// oneDNN's thread pool and avoids a second OpenMP runtime, which the compiler of the Swift
// toolchain would link.
void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);

/// Number of threads per loop; 0 for the default of the runtime.
static unsigned thread_count;

/// Whether the loops of the calling thread run on it alone.
static _Thread_local int is_alone;

void ckernels_set_threads(int threads) { thread_count = (unsigned)threads; }

void ckernels_use_calling_thread_only(void) { is_alone = 1; }

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

void ckernels_for_range(long count, long work, const void *context, RangeBody body) {
  if (work < 16384 || is_alone) {
    if (count > 0) body(context, 0, count);
    return;
  }
  ParallelRange range = {body, context, count};
  GOMP_parallel(run_share, &range, thread_count, 0);
}

const char *ckernels_instruction_set(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
  return "x86-64";
#else
  return "portable";
#endif
}
