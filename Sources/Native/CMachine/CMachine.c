#include "CMachine.h"

#include <stdlib.h>
#include <string.h>

// The entry point of GCC's OpenMP runtime, which oneDNN is built with. Calling it directly uses
// oneDNN's thread pool and avoids a second OpenMP runtime, which the compiler of the Swift
// toolchain would link.
void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
int omp_get_max_threads(void);

/// The level of the program, and the limit of the calling thread.
static CMachineLevel current;
static _Thread_local CMachineLevel limit = CMACHINE_AVX512;

static CMachineLevel largest(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return CMACHINE_AVX512;
  if (__builtin_cpu_supports("x86-64-v3")) return CMACHINE_AVX2;
#endif
  return CMACHINE_PORTABLE;
}

const char *cmachine_level_name(CMachineLevel level) {
#if defined(__x86_64__)
  return level == CMACHINE_AVX512 ? "x86-64-v4" : level == CMACHINE_AVX2 ? "x86-64-v3" : "x86-64";
#else
  (void)level;
  return "portable";
#endif
}

// Before main, so that no thread sees it change.
__attribute__((constructor)) static void choose_level(void) {
  const char *wanted = getenv("TWINSET_INSTRUCTIONS");
  current = largest();
  for (CMachineLevel level = CMACHINE_PORTABLE; wanted != NULL && level < current; level++)
    if (strcmp(wanted, cmachine_level_name(level)) == 0) current = level;
}

CMachineLevel cmachine_level(void) { return current < limit ? current : limit; }

int cmachine_has_bf16(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return cmachine_level() == CMACHINE_AVX512 && __builtin_cpu_supports("avx512bf16");
#else
  return 0;
#endif
}

void cmachine_limit_level(CMachineLevel level) { limit = level; }

/// Number of threads per loop; 0 for the default of the runtime.
static unsigned thread_count;

/// Whether the loops of the calling thread run on it alone.
static _Thread_local int is_alone;

void cmachine_set_threads(int threads) { thread_count = (unsigned)threads; }

int cmachine_threads(void) {
  return is_alone ? 1 : thread_count > 0 ? (int)thread_count : omp_get_max_threads();
}

void cmachine_use_calling_thread_only(void) { is_alone = 1; }

typedef struct {
  CRangeBody range;
  CShareBody share;
  const void *context;
  long count;
  CMachineLevel limit;
} Loop;

static void run_share(void *data) {
  const Loop *loop = data;
  long thread = omp_get_thread_num(), threads = omp_get_num_threads();
  long start = loop->count * thread / threads, end = loop->count * (thread + 1) / threads;
  if (start >= end) return;
  limit = loop->limit;
  if (loop->range != NULL)
    loop->range(loop->context, start, end);
  else
    loop->share(loop->context, start, end, thread);
}

void cmachine_for_range(long count, long work, const void *context, CRangeBody body) {
  if (work < 16384 || is_alone) {
    if (count > 0) body(context, 0, count);
    return;
  }
  Loop loop = {body, NULL, context, count, limit};
  GOMP_parallel(run_share, &loop, thread_count, 0);
}

void cmachine_for_shares(long count, int shares, const void *context, CShareBody body) {
  int threads = cmachine_threads();
  if (threads > shares) threads = shares;
  if (threads <= 1) {
    if (count > 0) body(context, 0, count, 0);
    return;
  }
  Loop loop = {NULL, body, context, count, limit};
  GOMP_parallel(run_share, &loop, (unsigned)threads, 0);
}
