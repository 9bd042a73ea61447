#ifndef CONEDNN_H
#define CONEDNN_H
const char *conednn_version(void);
#endif
