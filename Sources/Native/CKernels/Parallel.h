#ifndef CKERNELS_PARALLEL_H
#define CKERNELS_PARALLEL_H

// Compiles one copy of a loop for each kind of processor; the copy is chosen when the program is
// loaded.
#if defined(__x86_64__)
#define MULTIVERSION __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MULTIVERSION
#endif
// Loops over channels are short, so the last vector is masked instead of using a scalar loop.
#define SHORT_LOOP _Pragma("clang loop vectorize(enable) vectorize_predicate(enable)")

typedef void (*RangeBody)(const void *context, long start, long end);

/// Divides 0..<count into one share per thread. `work` is the approximate number of values
/// accessed; a small amount of work runs on the calling thread only.
void ckernels_for_range(long count, long work, const void *context, RangeBody body);

#endif
