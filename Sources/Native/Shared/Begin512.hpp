// What follows, up to End.hpp, is compiled for vectors of 512 bits.

#define LANES 16
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#endif
