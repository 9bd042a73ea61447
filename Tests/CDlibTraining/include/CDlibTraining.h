#ifndef CDLIBTRAINING_H
#define CDLIBTRAINING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Trains a small shape predictor of `points` landmarks on gray pictures [count, height, width] with
/// landmarks [count, points, 2] in pixels and one box for all, and writes it to `path`. 0 when it
/// worked. For tests: a real one takes thousands of photographs.
int cdlibtraining_train(
    const uint8_t *pictures, int count, int width, int height, const double *landmarks, int points,
    int left, int top, int side, const char *path);

#ifdef __cplusplus
}
#endif

#endif
