#ifndef CMACHINE_H
#define CMACHINE_H

// The threads and the instruction sets of all loops of this project.

#ifdef __cplusplus
extern "C" {
#endif

/// The instruction sets that loops are compiled for, from the smallest to the largest.
typedef enum {
  CMACHINE_PORTABLE,
  CMACHINE_AVX2,    // x86-64-v3
  CMACHINE_AVX512,  // x86-64-v4
} CMachineLevel;

/// The instruction set that loops use: the largest of this processor, unless it is limited by
/// cmachine_limit_level or by the environment variable TWINSET_INSTRUCTIONS.
CMachineLevel cmachine_level(void);
/// Whether loops may use the products of 16-bit floats of AVX-512.
int cmachine_has_bf16(void);
/// Limits the instruction set of the loops that the calling thread runs from now on, so that tests
/// reach every path.
void cmachine_limit_level(CMachineLevel level);
/// The name of an instruction set, such as "x86-64-v4".
const char *cmachine_level_name(CMachineLevel level);

/// Sets the number of threads of a loop.
void cmachine_set_threads(int threads);
/// The greatest number of threads of a loop of the calling thread.
int cmachine_threads(void);
/// Runs the loops of the calling thread on it alone from now on; a second thread that used several
/// would start a second set of them.
void cmachine_use_calling_thread_only(void);

typedef void (*CRangeBody)(const void *context, long start, long end);
typedef void (*CShareBody)(const void *context, long start, long end, long share);

/// Divides 0..<count into one share per thread. `work` is the approximate number of values accessed;
/// a small amount of work runs on the calling thread only.
void cmachine_for_range(long count, long work, const void *context, CRangeBody body);
/// Divides 0..<count into one share per thread, at most `shares`; `body` gets the index of its share.
void cmachine_for_shares(long count, int shares, const void *context, CShareBody body);

#ifdef __cplusplus
}
#endif

#include "CLevels.h"

#endif
