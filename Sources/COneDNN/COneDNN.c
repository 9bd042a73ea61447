#include "COneDNN.h"
const char *conednn_version(void) { return ""; }
