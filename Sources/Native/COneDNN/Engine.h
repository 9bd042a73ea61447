#ifndef CONEDNN_ENGINE_H
#define CONEDNN_ENGINE_H

#include <dnnl.h>

// Declarations shared by the files of this target.

extern dnnl_engine_t conednn_engine;
extern dnnl_stream_t conednn_stream;

/// Sets the number of threads for the calling thread, if it is not set yet.
void conednn_sync_thread_count(void);

static inline int is(dnnl_status_t status) { return status == dnnl_success; }

#endif
