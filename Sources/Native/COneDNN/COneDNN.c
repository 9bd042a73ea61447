#include "COneDNN.h"

#include "Engine.h"

#include <pthread.h>
#include <stdio.h>

// From OpenMP, which is part of oneDNN's dependencies; the compiler's own header is not always
// installed.
void omp_set_num_threads(int threads);
int omp_get_max_threads(void);

dnnl_engine_t conednn_engine;
dnnl_stream_t conednn_stream;

/// OpenMP stores the number of threads separately for each calling thread, so it must be set in
/// every thread that calls oneDNN.
static int thread_count;
static _Thread_local int synced_count;
/// Whether the calling thread computes alone.
static _Thread_local int is_alone;

void conednn_use_calling_thread_only(void) {
  is_alone = 1;
  omp_set_num_threads(1);
}

void conednn_sync_thread_count(void) {
  if (synced_count == thread_count || is_alone) return;
  omp_set_num_threads(thread_count);
  synced_count = thread_count;
}

int conednn_threads(void) {
  conednn_sync_thread_count();
  return omp_get_max_threads();
}

const char *conednn_version(void) {
  static char text[32];
  const dnnl_version_t *version = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
  return text;
}

const char *conednn_instruction_set(void) {
  switch (dnnl_get_effective_cpu_isa()) {
  case dnnl_cpu_isa_sse41: return "sse41";
  case dnnl_cpu_isa_avx: return "avx";
  case dnnl_cpu_isa_avx2: return "avx2";
  case dnnl_cpu_isa_avx2_vnni: return "avx2_vnni";
  case dnnl_cpu_isa_avx512_core: return "avx512_core";
  case dnnl_cpu_isa_avx512_core_vnni: return "avx512_core_vnni";
  case dnnl_cpu_isa_avx512_core_bf16: return "avx512_core_bf16";
  case dnnl_cpu_isa_avx512_core_amx: return "avx512_core_amx";
  default: return "other";
  }
}

int conednn_has_bfloat16(void) {
  dnnl_cpu_isa_t set = dnnl_get_effective_cpu_isa();
  return set == dnnl_cpu_isa_avx512_core_bf16 || set == dnnl_cpu_isa_avx512_core_amx;
}

/// Creates the engine and its stream, and publishes both only if both were created.
static int make_engine(void) {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success) return -1;
  if (dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) != dnnl_success) {
    dnnl_engine_destroy(engine);
    return -1;
  }
  conednn_engine = engine;
  conednn_stream = stream;
  return 0;
}

int conednn_start(int threads) {
  static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&starting);
  thread_count = threads;
  int status = conednn_engine != NULL ? 0 : make_engine();
  pthread_mutex_unlock(&starting);
  conednn_sync_thread_count();
  return status;
}

int conednn_multiply(
    int transpose_a, int transpose_b, long m, long n, long k, const float *a, const float *b,
    float beta, float *c) {
  conednn_sync_thread_count();
  return is(dnnl_sgemm(
             transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a,
             transpose_a ? m : k, b, transpose_b ? k : n, beta, c, n))
             ? 0
             : -1;
}
