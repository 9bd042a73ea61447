// What follows, up to End.hpp, is compiled for vectors of 256 bits.

#define LANES 8
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#endif
