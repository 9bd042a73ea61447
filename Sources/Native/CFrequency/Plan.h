#ifndef CFREQUENCY_PLAN_H
#define CFREQUENCY_PLAN_H

#include "CFrequency.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

/// The most channels that count as few: images share a vector, and the outputs are multiplied when they
/// are transformed. A vector has as many floats.
constexpr long short_channels = 4;

/// A stage of a transform: `radix` lines become one. The factors of a stage are cos and sin of
/// -2 pi p k / count, for each p in 0..<count / radix and each k in 1..<radix.
struct Stage {
  long radix;
  std::vector<float> factors;
};

/// A transform of one length.
struct Length {
  long count;
  std::vector<Stage> stages;

  explicit Length(long count = 1);

  /// The time of a transform relative to others; infinite for a length with other factors.
  static double cost(long count);
};

/// The passes, compiled for one instruction set.
struct Passes {
  long lanes;
  long (*scratch)(const CFrequency &plan);
  void (*transform_kernel)(const CFrequency &, const float *, float *, float *);
  void (*transform_input)(const CFrequency &, const void *, float *, float *);
  void (*forward)(
      const CFrequency &, const float *, const float *, const float *, int, void *, float *, float *);
  void (*transform_gradient)(
      const CFrequency &, const void *, const void *, float *, float *, float *);
  void (*backward_weights)(
      const CFrequency &, const float *, const float *, float *, float *, float *);
  void (*backward_data)(const CFrequency &, const float *, const float *, void *, float *, float *);
};

/// One direction of a convolution: how many tiles there are and how many outputs each has.
struct Axis {
  long input, output, padding, tiles, step;
  Length length;

  /// The whole axis at once: what is padded on one side wraps around to the other.
  static Axis whole(long input, long output, long padding, long kernel);
  /// Tiles of `step` outputs.
  static Axis tiled(long input, long output, long padding, long kernel, long step);

  /// The position in the image of the first input of a tile, before it if there is padding.
  long origin(long tile) const { return tiles == 1 ? 0 : tile * step - padding; }
};

/// The part of an axis of an image that belongs to a tile: its first value, the number of values, and
/// the position of the first one in the transform, which wraps around if it is negative.
struct Span {
  long first, count, lead;
};

struct CFrequency {
  CFrequencyShape shape;
  Axis down, across;
  const Passes *passes;
  int shares;  // the number of threads that there is memory for
  long block;  // the number of tiles whose outputs are computed at a time
  long group;  // the number of images whose channels share the vectors of the input's spectrum

  const Length &vertical() const { return down.length; }
  const Length &horizontal() const { return across.length; }
  long tiles() const { return down.tiles * across.tiles; }
  /// Number of tiles of all rows. A tile of each image of a group follows the other.
  long rows() const { return shape.rows * tiles(); }
  long image(long row) const { return row / (tiles() * group) * group + row % group; }
  long tile(long row) const { return row / group % tiles(); }
  long row(long image, long tile) const {
    return (image / group * tiles() + tile) * group + image % group;
  }
  /// Number of columns of a half spectrum; the others follow from it, because images are real.
  long columns() const { return horizontal().count / 2 + 1; }
  long frequencies() const { return columns() * vertical().count; }
  long blocks(long channels) const { return (channels + passes->lanes - 1) / passes->lanes; }
  /// Number of floats of one frequency of `count` tiles of so many channels.
  long panel(long count, long channels) const {
    return blocks(channels) * count * 2 * passes->lanes;
  }
  /// Number of floats of one frequency of the input.
  long input_panel() const { return panel(rows() / group, group * shape.channels); }
};

extern const Passes cfrequency_passes_512, cfrequency_passes_256, cfrequency_passes_128;

#endif
