#ifndef CONEDNN_ENGINE_H
#define CONEDNN_ENGINE_H

#include <dnnl.h>

// What the files of this target share.

extern dnnl_engine_t conednn_engine;
extern dnnl_stream_t conednn_stream;

/// Makes sure that the calling thread uses the number of threads that was asked for.
void conednn_tell_threads(void);

static inline int is(dnnl_status_t status) { return status == dnnl_success; }

#endif
