// The end of what Begin256.hpp or Begin512.hpp began.

#if defined(__x86_64__)
#pragma clang attribute pop
#endif
