#ifdef TWINSET_MPI

#define _GNU_SOURCE
#include "CMPI.h"

#include <mpi/mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// Waits until `count` requests are complete. MPI's own functions occupy a processor while they wait,
/// which the network computes on; this one sleeps, for longer the longer it waits.
static int finish_all(MPI_Request *requests, int count) {
  struct timespec pause = {0, 10000};
  for (int tries = 0;; tries++) {
    int done = 0, code = MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE);
    if (code != MPI_SUCCESS || done) return code;
    if (tries < 20) continue;
    nanosleep(&pause, NULL);
    if (pause.tv_nsec < 1000000) pause.tv_nsec += pause.tv_nsec / 4;
  }
}

/// The number of ranks of this machine that may run on the same processors as this one.
static int count_sharers(int *sharers) {
  MPI_Comm local;
  int count = 0;
  int code = MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &local);
  if (code != MPI_SUCCESS) return code;
  MPI_Comm_size(local, &count);
  cpu_set_t own, *all = malloc((size_t)count * sizeof own);
  if (all == NULL) return MPI_ERR_NO_MEM;
  // Fails on a machine of more than 1,024 processors; the ranks then count as sharing all of them.
  if (sched_getaffinity(0, sizeof own, &own) != 0) memset(&own, 0xff, sizeof own);
  code = MPI_Allgather(&own, sizeof own, MPI_BYTE, all, sizeof own, MPI_BYTE, local);
  *sharers = 0;
  for (int i = 0; i < count; i++) {
    cpu_set_t both;
    CPU_AND(&both, &all[i], &own);
    *sharers += CPU_COUNT(&both) > 0;
  }
  free(all);
  MPI_Comm_free(&local);
  return code;
}

int cmpi_start(CMPIRank *rank) {
  int provided = 0;
  int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_MULTIPLE, &provided);
  if (code != MPI_SUCCESS) return code;
  if (provided < MPI_THREAD_MULTIPLE) return MPI_ERR_OTHER;
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank->index);
  MPI_Comm_size(MPI_COMM_WORLD, &rank->count);
  return count_sharers(&rank->sharers);
}

void cmpi_finish(void) { MPI_Finalize(); }

void cmpi_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

/// Sends to the next rank of the ring while the one before sends to this one.
static int pass_on(
    CMPIRank rank, const void *out, long out_bytes, void *in, long in_bytes, long *sent) {
  MPI_Request requests[2];
  int next = (rank.index + 1) % rank.count, before = (rank.index + rank.count - 1) % rank.count;
  int code = MPI_Irecv(in, (int)in_bytes, MPI_BYTE, before, 0, MPI_COMM_WORLD, &requests[0]);
  if (code == MPI_SUCCESS)
    code = MPI_Isend(out, (int)out_bytes, MPI_BYTE, next, 0, MPI_COMM_WORLD, &requests[1]);
  if (code != MPI_SUCCESS) return code;
  *sent += out_bytes;
  return finish_all(requests, 2);
}

/// The first value of a part; part `rank.count` begins at the end.
static long part(CMPIRank rank, long count, int index) { return count * index / rank.count; }

int cmpi_sum(CMPIRank rank, float *values, long count, float *work, long *sent) {
  int ranks = rank.count;
  // The sum of a part begins at the rank after its own and ends at its own, which then has all of it;
  // in the second round it goes to the others. The order of the terms does not depend on time.
  for (int round = 0; round < 2 * (ranks - 1); round++) {
    int is_adding = round < ranks - 1;
    int own = (rank.index - round - 1 + 2 * ranks) % ranks;
    int other = (own - 1 + ranks) % ranks;
    long start = part(rank, count, other), length = part(rank, count, other + 1) - start;
    long out = part(rank, count, own), out_length = part(rank, count, own + 1) - out;
    int code = pass_on(
        rank, values + out, 4 * out_length, is_adding ? work : values + start, 4 * length, sent);
    if (code != MPI_SUCCESS) return code;
    if (is_adding)
      for (long i = 0; i < length; i++) values[start + i] += work[i];
  }
  return MPI_SUCCESS;
}

int cmpi_gather(CMPIRank rank, const void *own, long bytes, void *all, long *sent) {
  char *places = all;
  memcpy(places + rank.index * bytes, own, (size_t)bytes);
  for (int round = 0; round < rank.count - 1; round++) {
    int out = (rank.index - round + rank.count) % rank.count;
    int in = (out - 1 + rank.count) % rank.count;
    int code = pass_on(rank, places + out * bytes, bytes, places + in * bytes, bytes, sent);
    if (code != MPI_SUCCESS) return code;
  }
  return MPI_SUCCESS;
}

int cmpi_broadcast(void *values, int bytes) {
  MPI_Request request;
  int code = MPI_Ibcast(values, bytes, MPI_BYTE, 0, MPI_COMM_WORLD, &request);
  return code == MPI_SUCCESS ? finish_all(&request, 1) : code;
}

#endif
