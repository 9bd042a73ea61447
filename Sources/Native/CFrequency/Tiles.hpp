// What a pass works on, and where its tiles are. Included by Level*.cpp only.

/// What the threads of a pass share.
struct Pass {
  const CFrequency &plan;
  const void *values;      // what is transformed
  const void *output;      // of the layer, or NULL
  void *target;
  float *spectrum;
  const float *a, *b;      // factors of a product
  const float *bias;
  int relu;
  float *scratch;
  long first, rows;        // the rows that a pass over blocks of rows treats
};

static long desk_floats(const CFrequency &plan) {
  long transposed = plan.panel(plan.shape.filters, plan.shape.channels);
  long own = Desk::floats(plan), channels = plan.shape.channels;
  if (channels <= short_channels) own += 2 * plan.frequencies() * channels + 16;
  own = (own + LANES - 1) / LANES * LANES;
  return own > transposed ? own : transposed;
}

static long scratch_bytes(const CFrequency &plan) {
  return 4 * desk_floats(plan) * plan.shares;
}

static float *own_scratch(const Pass &pass, long share) {
  return pass.scratch + share * desk_floats(pass.plan);
}

/// The inputs of a tile along an axis.
static Span input_span(const Axis &axis, long kernel, long tile) {
  if (axis.tiles == 1) return {0, axis.input, 0};
  long origin = axis.origin(tile), end = origin + axis.step + kernel - 1;
  long first = origin > 0 ? origin : 0;
  return {first, (end < axis.input ? end : axis.input) - first, first - origin};
}

/// The outputs of a tile along an axis. Those of a whole axis wrap around by the padding.
static Span output_span(const Axis &axis, long tile) {
  if (axis.tiles == 1) return {0, axis.output, -axis.padding};
  long first = tile * axis.step, rest = axis.output - first;
  return {first, rest < axis.step ? rest : axis.step, 0};
}

static Grid kernel_grid(const CFrequencyShape &s) {
  return {{0, s.kernel, 0}, {0, s.kernel, 0}, s.kernel * s.channels * s.filters, s.channels * s.filters};
}

/// What a value is divided by after the transform of a product: the number of frequencies, and two for
/// each factor.
static float scale_of(const CFrequency &plan) {
  return 0.25f / (float)(plan.vertical().count * plan.horizontal().count);
}

/// Calls `body` with each pair of a row and a block of channels in a range; rows come first, because
/// their spectra are adjacent.
template <class Body> INLINE void for_units(long start, long end, long rows, Body body) {
  for (long unit = start; unit < end; unit++) body(unit % rows, unit / rows);
}

/// What the images of a pass are: its inputs, or its outputs.
template <bool OUTPUTS> struct Images {
  static long channels(const CFrequencyShape &s) { return OUTPUTS ? s.filters : s.channels; }
  /// Number of values of one row.
  static long size(const CFrequency &plan) {
    return (OUTPUTS ? plan.down.output * plan.across.output : plan.down.input * plan.across.input) *
           channels(plan.shape);
  }
  /// A tile of an image.
  static Grid grid(const CFrequency &plan, long tile) {
    const CFrequencyShape &s = plan.shape;
    long y = tile / plan.across.tiles, x = tile % plan.across.tiles;
    if (OUTPUTS)
      return {output_span(plan.down, y), output_span(plan.across, x), plan.across.output * s.filters,
              s.filters};
    return {input_span(plan.down, s.kernel, y), input_span(plan.across, s.kernel, x),
            plan.across.input * s.channels, s.channels};
  }
};
