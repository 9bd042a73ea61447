#ifndef CLEVELS_H
#define CLEVELS_H

// A loop is written once and compiled for each instruction set; cmachine_level() chooses at run time.

#if defined(__x86_64__)
#define AT_AVX512 __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define AT_AVX2 __attribute__((target("arch=x86-64-v3")))
#else
#define AT_AVX512
#define AT_AVX2
#endif
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/// Defines `name` with these parameters, which calls the inline function `loop` with these arguments.
#define FOR_EACH_LEVEL(result, name, parameters, loop, ...)                                        \
  AT_AVX512 static result name##_avx512 parameters { return loop(__VA_ARGS__); }                   \
  AT_AVX2 static result name##_avx2 parameters { return loop(__VA_ARGS__); }                       \
  static result name##_portable parameters { return loop(__VA_ARGS__); }                           \
  static result name parameters {                                                                  \
    switch (cmachine_level()) {                                                                    \
      case CMACHINE_AVX512: return name##_avx512(__VA_ARGS__);                                     \
      case CMACHINE_AVX2: return name##_avx2(__VA_ARGS__);                                         \
      default: return name##_portable(__VA_ARGS__);                                                \
    }                                                                                              \
  }

/// Begins the body of a loop for cmachine_for_range.
#define RANGE_LOOP(name)                                                                           \
  ALWAYS_INLINE void name##_loop(const void *context, long start, long end);                       \
  FOR_EACH_LEVEL(                                                                                  \
      void, name, (const void *context, long start, long end), name##_loop, context, start, end)   \
  ALWAYS_INLINE void name##_loop(const void *context, long start, long end)

#endif
