#ifndef CKERNELS_PARALLEL_H
#define CKERNELS_PARALLEL_H

// One copy of a loop for each kind of processor, chosen when the program is loaded.
#if defined(__x86_64__)
#define MULTIVERSION __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MULTIVERSION
#endif
// Loops over channels are short: the last vector is masked rather than left to a scalar loop.
#define SHORT_LOOP _Pragma("clang loop vectorize(enable) vectorize_predicate(enable)")

typedef void (*RangeBody)(const void *context, long start, long end);

/// Cuts 0..<count into a share for each thread. `work` is about how many values are touched: little
/// work is not worth a second thread.
void ckernels_for_range(long count, long work, const void *context, RangeBody body);

#endif
