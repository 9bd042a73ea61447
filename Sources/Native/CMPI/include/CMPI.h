#ifndef CMPI_H
#define CMPI_H

// What a training needs of MPI. The functions exist only in a build with the package trait MPI, which
// defines TWINSET_MPI. They return 0, or the code of an MPI error.

#ifdef __cplusplus
extern "C" {
#endif

/// A process among those that one launcher has started.
typedef struct {
  int index;
  int count;
  int sharers;  // ranks of this machine that may run on the same processors, with this one
} CMPIRank;

/// Starts MPI. To be called once, before the other functions.
int cmpi_start(CMPIRank *rank);
/// Ends MPI after every rank has called it.
void cmpi_finish(void);
/// Ends all ranks.
void cmpi_abort(int code);

/// Adds up `values` over all ranks: afterwards every rank has the same sums, to the bit. Each of
/// `rank.count` parts goes around the ring of ranks twice. `work` has as many values as the largest
/// part, count / rank.count + 1. `sent` is increased by the bytes that this rank sends.
int cmpi_sum(CMPIRank rank, float *values, long count, float *work, long *sent);

/// Every rank gets what each rank has: `all` is [rank.count, bytes].
int cmpi_gather(CMPIRank rank, const void *own, long bytes, void *all, long *sent);

/// Every rank gets the bytes of rank 0.
int cmpi_broadcast(void *values, int bytes);

#ifdef __cplusplus
}
#endif

#endif
