#ifndef CWINOGRAD_PLAN_H
#define CWINOGRAD_PLAN_H

#include "CWinograd.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

/// The side of a transformed tile, and its number of values.
constexpr long side = 6, tile_values = side * side;

/// The arguments of a pass.
struct Arguments {
  const void *input;
  const void *gradient;
  const void *output;  // or NULL
  const float *kernel;
  const float *bias;   // or NULL
  int relu;
  void *target;
  float *bias_gradient;  // or NULL
  float *scratch;
};

/// The passes, compiled for one instruction set.
struct WinogradPasses {
  long lanes;
  void (*transform_kernel)(const CWinograd &, const float *kernel, bool backward, float *transformed);
  void (*forward)(const CWinograd &, const Arguments &);
  void (*backward_weights)(const CWinograd &, const Arguments &);
  void (*backward_data)(const CWinograd &, const Arguments &);
};

/// Images that are cut into tiles.
struct Images {
  long height, width, channels;
};

/// One pass over tiles: the outputs of a tile are `step` by `step`, and its first input is `padding`
/// before its first output.
struct Tiling {
  Images from, to;
  long step, padding, down, across;

  Tiling(Images from, Images to, long kernel, long padding)
      : from(from), to(to), step(side + 1 - kernel), padding(padding),
        down((to.height + step - 1) / step), across((to.width + step - 1) / step) {}
};

struct CWinograd {
  CWinogradShape shape;
  const WinogradPasses *passes;
  int shares;  // the number of threads that there is memory for

  Images input() const { return {shape.height, shape.width, shape.channels}; }
  Images output() const {
    long less = 2 * shape.padding - shape.kernel + 1;
    return {shape.height + less, shape.width + less, shape.filters};
  }
  Tiling forward() const { return {input(), output(), shape.kernel, shape.padding}; }
  Tiling backward() const {
    return {output(), input(), shape.kernel, shape.kernel - 1 - shape.padding};
  }
  long blocks(long channels) const { return (channels + passes->lanes - 1) / passes->lanes; }
  long padded(long channels) const { return blocks(channels) * passes->lanes; }
  /// Number of floats of one transformed tile before and after a product.
  long tile() const { return tile_values * (padded(shape.channels) + padded(shape.filters)); }
  /// The distance between two values of so many tiles: a line of cache more than their floats, because
  /// the values of a tile would otherwise compete for the same lines.
  static long pitch(long floats) { return floats + 16; }
  /// Number of tiles that a thread treats at a time, so that they stay in its cache.
  long tiles_of_thread() const { return limited(48, 3 << 17); }
  /// Number of tiles that all threads treat at a time in the gradient of the kernel.
  long tiles_together() const { return limited(192, 1 << 21); }
  /// Number of floats of so many tiles before and after a product.
  long memory_of(long tiles) const {
    return tile_values * (pitch(tiles * padded(shape.channels)) + pitch(tiles * padded(shape.filters)));
  }
  /// Number of floats of a kernel from so many channels to so many others.
  long kernel(long from, long to) const { return tile_values * pitch(from * padded(to)); }
  long scratch() const {
    long sums = tile_values * pitch(shape.channels * padded(shape.filters));
    long apart = shares * memory_of(tiles_of_thread()), together = memory_of(tiles_together()) + sums;
    return apart > together ? apart : together;
  }

 private:
  /// The greatest multiple of 12, at most `most`, whose tiles take at most so many floats.
  long limited(long most, long floats) const {
    long fitting = floats / tile() / 12 * 12;
    return fitting < 12 ? 12 : fitting > most ? most : fitting;
  }
};

extern const WinogradPasses cwinograd_passes_512, cwinograd_passes_256, cwinograd_passes_128;

#endif
