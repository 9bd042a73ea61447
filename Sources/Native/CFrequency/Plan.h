#ifndef CFREQUENCY_PLAN_H
#define CFREQUENCY_PLAN_H

#include "CFrequency.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

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

struct CFrequency {
  CFrequencyShape shape;
  Length vertical, horizontal;
  const Passes *passes;
  int shares;  // the number of threads that there is memory for
  long block;  // the number of rows whose outputs are computed at a time

  long out_height() const { return shape.height + 2 * shape.padding - shape.kernel + 1; }
  long out_width() const { return shape.width + 2 * shape.padding - shape.kernel + 1; }
  /// Number of columns of a half spectrum; the others follow from it, because images are real.
  long columns() const { return horizontal.count / 2 + 1; }
  long frequencies() const { return columns() * vertical.count; }
  long blocks(long channels) const { return (channels + passes->lanes - 1) / passes->lanes; }
  /// Number of floats of one frequency of `count` rows of so many channels.
  long panel(long count, long channels) const {
    return blocks(channels) * count * 2 * passes->lanes;
  }
};

extern const Passes cfrequency_passes_512, cfrequency_passes_256, cfrequency_passes_128;

#endif
