// The passes of a convolution. Included by Level*.cpp only.

/// Transforms the inputs, or the gradients of the outputs, to their spectra.
template <bool OUTPUTS, bool NARROW>
static void transform_images(const void *context, long start, long end, long share) {
  const Pass &pass = *(const Pass *)context;
  long rows = pass.plan.rows(), channels = Images<OUTPUTS>::channels(pass.plan.shape);
  Desk desk(pass.plan, own_scratch(pass, share));
  long pitch = pass.plan.panel(rows, channels);
  for_units(start, end, rows, [&](long row, long block) {
    Grid grid = Images<OUTPUTS>::grid(pass.plan, pass.plan.tile(row));
    long base =
        pass.plan.image(row) * Images<OUTPUTS>::size(pass.plan) + block * LANES + grid.start();
    long count = lanes(channels, block);
    image_spectrum<false>(
        desk, grid, pass.spectrum + (block * rows + row) * pace, pitch, [&](long at) {
          Vector value = Format<NARROW>::get(pass.values, base + at, count);
          if (pass.output == NULL) return value;
          return where_positive(value, Format<NARROW>::get(pass.output, base + at, count));
        });
  });
}

/// Transforms the inputs of groups of images, whose channels lie in a vector one image after the other.
template <bool NARROW>
static void transform_groups(const void *context, long start, long end, long share) {
  const Pass &pass = *(const Pass *)context;
  const CFrequency &plan = pass.plan;
  long size = Images<false>::size(plan), channels = plan.shape.channels;
  Desk desk(plan, own_scratch(pass, share));
  for (long unit = start; unit < end; unit++) {
    long row = unit * plan.group;
    Grid grid = Images<false>::grid(plan, plan.tile(row));
    long base = plan.image(row) * size + grid.start();
    image_spectrum<false>(
        desk, grid, pass.spectrum + unit * pace, plan.input_panel(), [&](long at) {
          return Format<NARROW>::gather(pass.values, base + at, channels, plan.group, size);
        });
  }
}

/// Transforms the spectrum of a block of the outputs of a tile.
template <bool NARROW, class From>
INLINE void make_output(
    const Pass &pass, const Desk &desk, long row, long block, const From &spectrum) {
  const CFrequency &plan = pass.plan;
  long count = lanes(plan.shape.filters, block);
  Grid grid = Images<true>::grid(plan, plan.tile(row));
  long base = plan.image(row) * Images<true>::size(plan) + block * LANES + grid.start();
  float scale = scale_of(pass.plan);
  Vector zero = {}, bias = zero;
  if (pass.bias != NULL) bias = Format<false>::get(pass.bias, block * LANES, count);
  spectrum_image(desk, grid, spectrum, [&](long at, Vector value) {
    value = value * scale + bias;
    // A NaN stays.
    if (pass.relu) value = value < zero ? zero : value;
    Format<NARROW>::put(pass.target, base + at, count, value);
  });
}

/// Transforms spectra to the outputs of some tiles.
template <bool NARROW>
static void make_outputs(const void *context, long start, long end, long share) {
  const Pass &pass = *(const Pass *)context;
  long rows = pass.plan.block;
  Desk desk(pass.plan, own_scratch(pass, share));
  long pitch = pass.plan.panel(rows, pass.plan.shape.filters);
  for_units(start, end, pass.rows, [&](long row, long block) {
    make_output<NARROW>(
        pass, desk, pass.first + row, block,
        Spectrum{pass.spectrum + (block * rows + row) * pace, pitch});
  });
}

/// The spectrum of outputs of few channels, multiplied when it is read.
struct ShortProduct {
  const float *inputs;  // of a tile: [frequency, channel, real or imaginary]
  const float *kernels;
  long channels, pitch;

  INLINE Complex get(const ShortProduct &p, long frequency) {
    const float *input = p.inputs + frequency * 2 * p.channels;
    const float *kernel = p.kernels + frequency * p.pitch;
    Complex sum = {};
    for (long c = 0; c < p.channels; c++, input += 2, kernel += pace) {
      Vector re = *(const Vector *)kernel, im = *(const Vector *)(kernel + LANES);
      sum.re += input[0] * re - input[1] * im;
      sum.im += input[1] * re + input[0] * im;
    }
    return sum;
  }
};

/// Multiplies and transforms the outputs of tiles of few channels, so that their spectra need no memory.
template <bool NARROW>
static void make_short_outputs(const void *context, long start, long end, long share) {
  const Pass &pass = *(const Pass *)context;
  const CFrequency &plan = pass.plan;
  long channels = plan.shape.channels, pitch = plan.panel(channels, plan.shape.filters);
  float *memory = own_scratch(pass, share), *inputs = memory + Desk::floats(plan);
  Desk desk(plan, memory);
  for (long row = start; row < end; row++) {
    const float *place = pass.a + row / plan.group * pace + row % plan.group * channels;
    for (long f = 0; f < plan.frequencies(); f++) {
      const float *from = place + f * plan.input_panel();
      for (long c = 0; c < channels; c++) {
        inputs[2 * (f * channels + c)] = from[c];
        inputs[2 * (f * channels + c) + 1] = from[c + LANES];
      }
    }
    for (long block = 0; block < plan.blocks(plan.shape.filters); block++)
      make_output<NARROW>(
          pass, desk, row, block,
          ShortProduct{inputs, pass.b + block * channels * pace, channels, pitch});
  }
}

/// Transforms spectra to the gradients of the inputs. Neighbouring tiles share inputs, so that one
/// thread adds all tiles of a row.
template <bool NARROW>
static void make_input_gradients(const void *context, long start, long end, long share) {
  const Pass &pass = *(const Pass *)context;
  long rows = pass.plan.rows(), tiles = pass.plan.tiles(), channels = pass.plan.shape.channels;
  Desk desk(pass.plan, own_scratch(pass, share));
  long pitch = pass.plan.panel(rows, channels), size = Images<false>::size(pass.plan);
  float scale = scale_of(pass.plan);
  for_units(start, end, pass.plan.shape.rows, [&](long row, long block) {
    long first = row * size + block * LANES, count = lanes(channels, block);
    if (tiles > 1)
      for (long at = 0; at < size; at += channels)
        Format<NARROW>::put(pass.target, first + at, count, Vector{});
    for (long tile = 0; tile < tiles; tile++) {
      Grid grid = Images<false>::grid(pass.plan, tile);
      long base = first + grid.start();
      spectrum_image(
          desk, grid,
          Spectrum{pass.spectrum + (block * rows + pass.plan.row(row, tile)) * pace, pitch},
          [&](long at, Vector value) {
            value *= scale;
            if (tiles > 1) value += Format<NARROW>::get(pass.target, base + at, count);
            Format<NARROW>::put(pass.target, base + at, count, value);
          });
    }
  });
}

static void transform_kernels(const void *context, long start, long end, long share) {
  const Pass &pass = *(const Pass *)context;
  const CFrequencyShape &s = pass.plan.shape;
  Desk desk(pass.plan, own_scratch(pass, share));
  long pitch = pass.plan.panel(s.channels, s.filters);
  for_units(start, end, s.channels, [&](long channel, long block) {
    long base = channel * s.filters + block * LANES, count = lanes(s.filters, block);
    image_spectrum<true>(
        desk, kernel_grid(s), pass.spectrum + (block * s.channels + channel) * pace, pitch,
        [&](long at) { return Format<false>::get(pass.values, base + at, count); });
  });
}

static void make_kernel_gradients(const void *context, long start, long end, long share) {
  const Pass &pass = *(const Pass *)context;
  const CFrequencyShape &s = pass.plan.shape;
  Desk desk(pass.plan, own_scratch(pass, share));
  long pitch = pass.plan.panel(s.channels, s.filters);
  float scale = scale_of(pass.plan);
  for_units(start, end, s.channels, [&](long channel, long block) {
    long base = channel * s.filters + block * LANES, count = lanes(s.filters, block);
    spectrum_image(
        desk, kernel_grid(s), Spectrum{pass.spectrum + (block * s.channels + channel) * pace, pitch},
        [&](long at, Vector value) {
          Format<false>::put(pass.target, base + at, count, value * scale);
        });
  });
}

/// The product of rows of a, [row, k], with b, [k, o]; the panels of a have `a_rows` rows and those of c
/// have `c_rows`.
static Product rows_product(
    const CFrequency &plan, long rows, const float *a, long a_rows, long terms, const float *b,
    float *c, long c_rows, long results) {
  long blocks = plan.blocks(terms);
  return {a, rows, pace, blocks, a_rows * pace, LANES, 1, lanes(terms, blocks - 1),
          b, terms * pace, c, plan.blocks(results), c_rows * pace};
}

static void multiply_outputs(const void *context, long start, long end, long) {
  const Pass &pass = *(const Pass *)context;
  const CFrequency &plan = pass.plan;
  const CFrequencyShape &s = plan.shape;
  for (long f = start; f < end; f++)
    multiply<false>(rows_product(
        plan, pass.rows, pass.a + f * plan.panel(plan.rows(), s.channels) + pass.first * pace,
        plan.rows(), s.channels, pass.b + f * plan.panel(s.channels, s.filters),
        pass.spectrum + f * plan.panel(plan.block, s.filters), plan.block, s.filters));
}

static void multiply_input_gradients(const void *context, long start, long end, long share) {
  const Pass &pass = *(const Pass *)context;
  const CFrequency &plan = pass.plan;
  const CFrequencyShape &s = plan.shape;
  float *transposed = own_scratch(pass, share);
  long rows = plan.rows();
  for (long f = start; f < end; f++) {
    transpose(pass.b + f * plan.panel(s.channels, s.filters), s.channels, s.filters, transposed);
    multiply<true>(rows_product(
        plan, rows, pass.a + f * plan.panel(rows, s.filters), rows, s.filters, transposed,
        pass.spectrum + f * plan.panel(rows, s.channels), rows, s.channels));
  }
}

static void multiply_kernel_gradients(const void *context, long start, long end, long) {
  const Pass &pass = *(const Pass *)context;
  const CFrequency &plan = pass.plan;
  const CFrequencyShape &s = plan.shape;
  long rows = plan.rows();
  for (long f = start; f < end; f++)
    for (long block = 0; block < plan.blocks(s.channels); block++) {
      // The images of a group lie in one vector.
      Product product = {
          pass.a + f * plan.input_panel() + block * rows * pace, lanes(s.channels, block), 1,
          rows / plan.group, pace, plan.group, s.channels, plan.group,
          pass.b + f * plan.panel(rows, s.filters), rows * pace,
          pass.spectrum + f * plan.panel(s.channels, s.filters) + block * LANES * pace,
          plan.blocks(s.filters), s.channels * pace};
      multiply<true>(product);
    }
}

static void transform_kernel(
    const CFrequency &plan, const float *kernel, float *spectrum, float *scratch) {
  Pass pass = {plan, kernel, NULL, NULL, spectrum, NULL, NULL, NULL, 0, scratch, 0, 0};
  cmachine_for_shares(
      plan.shape.channels * plan.blocks(plan.shape.filters), plan.shares, &pass, transform_kernels);
}

static void transform_input(
    const CFrequency &plan, const void *input, float *spectrum, float *scratch) {
  Pass pass = {plan, input, NULL, NULL, spectrum, NULL, NULL, NULL, 0, scratch, 0, 0};
  if (plan.group > 1) {
    cmachine_for_shares(
        plan.rows() / plan.group, plan.shares, &pass,
        plan.shape.narrow_input ? transform_groups<true> : transform_groups<false>);
    return;
  }
  cmachine_for_shares(
      plan.rows() * plan.blocks(plan.shape.channels), plan.shares, &pass,
      plan.shape.narrow_input ? transform_images<false, true>
                              : transform_images<false, false>);
}

static void forward(
    const CFrequency &plan, const float *input, const float *kernel, const float *bias, int relu,
    void *output, float *spectrum, float *scratch) {
  if (plan.shape.channels <= short_channels) {
    Pass pass = {plan, NULL, NULL, output, NULL, input, kernel, bias, relu, scratch, 0, 0};
    cmachine_for_shares(
        plan.rows(), plan.shares, &pass,
        plan.shape.narrow_output ? make_short_outputs<true> : make_short_outputs<false>);
    return;
  }
  for (long first = 0; first < plan.rows(); first += plan.block) {
    long rest = plan.rows() - first, rows = rest < plan.block ? rest : plan.block;
    Pass pass = {plan, NULL, NULL, output, spectrum, input, kernel, bias, relu, scratch, first, rows};
    cmachine_for_shares(plan.frequencies(), plan.shares, &pass, multiply_outputs);
    cmachine_for_shares(
        rows * plan.blocks(plan.shape.filters), plan.shares, &pass,
        plan.shape.narrow_output ? make_outputs<true> : make_outputs<false>);
  }
}

static void transform_gradient(
    const CFrequency &plan, const void *gradient, const void *output, float *bias_gradient,
    float *spectrum, float *scratch) {
  const CFrequencyShape &s = plan.shape;
  Pass pass = {plan, gradient, output, NULL, spectrum, NULL, NULL, NULL, 0, scratch, 0, 0};
  cmachine_for_shares(
      plan.rows() * plan.blocks(s.filters), plan.shares, &pass,
      s.narrow_output ? transform_images<true, true> : transform_images<true, false>);
  if (bias_gradient == NULL) return;
  // The value of the first frequency is the sum over the pixels.
  for (long filter = 0; filter < s.filters; filter++) {
    double sum = 0;
    const float *value = spectrum + filter / LANES * plan.rows() * pace + filter % LANES;
    for (long row = 0; row < plan.rows(); row++) sum += value[row * pace];
    bias_gradient[filter] = (float)(sum / 2);
  }
}

static void backward_weights(
    const CFrequency &plan, const float *input, const float *gradient, float *kernel_gradient,
    float *spectrum, float *scratch) {
  Pass pass = {plan, NULL, NULL, kernel_gradient, spectrum, input, gradient, NULL, 0, scratch, 0, 0};
  cmachine_for_shares(
      plan.frequencies(), plan.shares, &pass, multiply_kernel_gradients);
  cmachine_for_shares(
      plan.shape.channels * plan.blocks(plan.shape.filters), plan.shares, &pass, make_kernel_gradients);
}

static void backward_data(
    const CFrequency &plan, const float *gradient, const float *kernel, void *input_gradient,
    float *spectrum, float *scratch) {
  Pass pass = {plan, NULL, NULL, input_gradient, spectrum, gradient, kernel, NULL, 0, scratch, 0, 0};
  cmachine_for_shares(
      plan.frequencies(), plan.shares, &pass, multiply_input_gradients);
  cmachine_for_shares(
      plan.shape.rows * plan.blocks(plan.shape.channels), plan.shares, &pass,
      plan.shape.narrow_input ? make_input_gradients<true> : make_input_gradients<false>);
}

#define PASSES                                                                                     \
  {                                                                                                \
    LANES, scratch_bytes, transform_kernel, transform_input, forward, transform_gradient,          \
        backward_weights, backward_data                                                            \
  }
