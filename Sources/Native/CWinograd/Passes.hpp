// The passes of a convolution. Included by Level*.cpp only.

/// What the threads of a pass share.
struct Pass {
  const CWinograd &plan;
  const Arguments &arguments;
  Tiling tiling;
  long tiles, first, count;  // all, and those that are treated together
  float *sums;
};

static long all_tiles(const CWinograd &plan, const Tiling &t) {
  return plan.shape.rows * t.down * t.across;
}

/// Number of tiles of a part, so that all threads have as many parts.
static long part_size(const CWinograd &plan, long tiles) {
  long most = plan.tiles_of_thread(), parts = (tiles + most - 1) / most;
  parts = (parts + plan.shares - 1) / plan.shares * plan.shares;
  return (tiles + parts - 1) / parts;
}

/// Transforms, multiplies and transforms back parts of the tiles: those numbered `start..<end`.
template <int M, bool NARROW>
static void convolve_parts(const void *context, long start, long end, long share) {
  const Pass &pass = *(const Pass *)context;
  const CWinograd &plan = pass.plan;
  const Tiling &t = pass.tiling;
  long size = pass.count, from = plan.padded(t.from.channels), to = plan.padded(t.to.channels);
  long pitch = plan.pitch(size * from), product_pitch = plan.pitch(size * to);
  long kernel_pitch = plan.pitch(t.from.channels * to);
  float *inputs = pass.arguments.scratch + share * plan.memory_of(plan.tiles_of_thread());
  float *products = inputs + tile_values * pitch;
  Source<NARROW> source = {pass.arguments.input, pass.arguments.output};
  for (long part = start; part < end; part++) {
    long first = part * size, last = first + size < pass.tiles ? first + size : pass.tiles;
    for (long tile = first; tile < last; tile++)
      transform_input<NARROW>(t, source, tile, inputs + (tile - first) * from, pitch);
    for (long f = 0; f < tile_values; f++)
      multiply<false>(
          {inputs + f * pitch, last - first, from, t.from.channels, 1,
           pass.arguments.kernel + f * kernel_pitch, LANES, t.from.channels * LANES,
           products + f * product_pitch, to, plan.blocks(t.to.channels), LANES});
    for (long tile = first; tile < last; tile++)
      write_outputs<M, NARROW>(
          t, pass.arguments, tile, products + (tile - first) * to, product_pitch);
  }
}

template <int M, bool NARROW>
INLINE void convolve(const CWinograd &plan, const Arguments &arguments, const Tiling &tiling) {
  long tiles = all_tiles(plan, tiling), size = part_size(plan, tiles);
  Pass pass = {plan, arguments, tiling, tiles, 0, size, NULL};
  cmachine_for_shares(
      (tiles + size - 1) / size, plan.shares, &pass, convolve_parts<M, NARROW>);
}

template <bool BACKWARD>
static void convolve_any(const CWinograd &plan, const Arguments &arguments) {
  Tiling tiling = BACKWARD ? plan.backward() : plan.forward();
  if (plan.shape.kernel == 3) {
    if (plan.shape.narrow) convolve<4, true>(plan, arguments, tiling);
    else convolve<4, false>(plan, arguments, tiling);
  } else {
    if (plan.shape.narrow) convolve<3, true>(plan, arguments, tiling);
    else convolve<3, false>(plan, arguments, tiling);
  }
}

// The gradient of the kernel.

static long input_pitch(const CWinograd &plan) {
  return plan.pitch(plan.tiles_together() * plan.padded(plan.shape.channels));
}
static long gradient_pitch(const CWinograd &plan) {
  return plan.pitch(plan.tiles_together() * plan.padded(plan.shape.filters));
}
static long sum_pitch(const CWinograd &plan) {
  return plan.pitch(plan.shape.channels * plan.padded(plan.shape.filters));
}

/// The memory of the tiles that are treated together.
static float *inputs_of(const Pass &pass) { return pass.arguments.scratch; }
static float *gradients_of(const Pass &pass) {
  return inputs_of(pass) + tile_values * input_pitch(pass.plan);
}

template <int M, bool NARROW>
static void transform_both(const void *context, long start, long end, long) {
  const Pass &pass = *(const Pass *)context;
  const CWinograd &plan = pass.plan;
  const Arguments &a = pass.arguments;
  long channels = plan.padded(plan.shape.channels), filters = plan.padded(plan.shape.filters);
  Source<NARROW> inputs = {a.input, NULL}, gradients = {a.gradient, a.output};
  for (long tile = start; tile < end; tile++) {
    transform_input<NARROW>(
        pass.tiling, inputs, pass.first + tile, inputs_of(pass) + tile * channels,
        input_pitch(plan));
    transform_gradient<M, NARROW>(
        pass.tiling, gradients, pass.first + tile, gradients_of(pass) + tile * filters,
        gradient_pitch(plan));
  }
}

/// The value of a transformed gradient that is a 36th of the sum of the gradients of a tile.
constexpr long sum_value = side + 1;

/// Adds the products of one value of the tiles; each is treated by one thread in a fixed order.
static void add_products(const void *context, long start, long end, long) {
  const Pass &pass = *(const Pass *)context;
  const CWinograd &plan = pass.plan;
  long channels = plan.shape.channels;
  long wide = plan.padded(channels), filters = plan.padded(plan.shape.filters);
  for (long unit = start; unit < end; unit++) {
    long f = unit / plan.blocks(channels), block = unit % plan.blocks(channels);
    const float *gradients = gradients_of(pass) + f * gradient_pitch(plan);
    multiply<true>(
        {inputs_of(pass) + f * input_pitch(plan) + block * LANES, lanes(channels, block), 1, pass.count, wide,
         gradients, filters, LANES, pass.sums + f * sum_pitch(plan) + block * LANES * filters, filters,
         plan.blocks(plan.shape.filters), LANES});
    if (f != sum_value || block != 0 || pass.arguments.bias_gradient == NULL) continue;
    for (long filter = 0; filter < plan.shape.filters; filter++) {
      double sum = 0;
      for (long tile = 0; tile < pass.count; tile++) sum += gradients[tile * filters + filter];
      pass.arguments.bias_gradient[filter] += (float)(sum * tile_values);
    }
  }
}

/// Transforms the sums of some channels to the gradient of the kernel.
template <int R> static void make_kernel_gradients(const void *context, long start, long end, long) {
  const Pass &pass = *(const Pass *)context;
  const CWinogradShape &s = pass.plan.shape;
  long filters = pass.plan.padded(s.filters);
  for (long channel = start; channel < end; channel++)
    for (long block = 0; block < pass.plan.blocks(s.filters); block++) {
      Vector m[tile_values];
      get_values(pass.sums + channel * filters + block * LANES, sum_pitch(pass.plan), m);
      output_square<R>(m);
      for (long i = 0; i < R; i++)
        for (long j = 0; j < R; j++)
          Format<false>::put(
              pass.arguments.target, ((i * R + j) * s.channels + channel) * s.filters + block * LANES,
              lanes(s.filters, block), m[i * side + j]);
    }
}

template <int R, bool NARROW>
INLINE void add_tiles(const CWinograd &plan, const Arguments &arguments) {
  const CWinogradShape &s = plan.shape;
  Tiling tiling = plan.forward();
  long tiles = all_tiles(plan, tiling), size = plan.tiles_together();
  float *sums = arguments.scratch + plan.memory_of(size);
  memset(sums, 0, sizeof(float) * (size_t)(tile_values * sum_pitch(plan)));
  if (arguments.bias_gradient != NULL)
    memset(arguments.bias_gradient, 0, sizeof(float) * (size_t)s.filters);
  for (long first = 0; first < tiles; first += size) {
    long together = tiles - first < size ? tiles - first : size;
    Pass pass = {plan, arguments, tiling, tiles, first, together, sums};
    cmachine_for_shares(together, plan.shares, &pass, transform_both<7 - R, NARROW>);
    cmachine_for_shares(tile_values * plan.blocks(s.channels), plan.shares, &pass, add_products);
  }
  Pass pass = {plan, arguments, tiling, tiles, 0, 0, sums};
  cmachine_for_shares(s.channels, plan.shares, &pass, make_kernel_gradients<R>);
}

static void backward_weights(const CWinograd &plan, const Arguments &arguments) {
  if (plan.shape.kernel == 3) {
    if (plan.shape.narrow) add_tiles<3, true>(plan, arguments);
    else add_tiles<3, false>(plan, arguments);
  } else {
    if (plan.shape.narrow) add_tiles<4, true>(plan, arguments);
    else add_tiles<4, false>(plan, arguments);
  }
}

// Kernels.

/// A kernel to transform: from `from` channels to `to` channels.
struct Kernel {
  const CWinograd &plan;
  const float *kernel;
  float *target;
  long from, to;
};

/// Some taps of a kernel, for a block of channels: of the kernel itself, or turned by half a circle with
/// input and output exchanged.
template <int R, bool BACKWARD>
INLINE Vector taps(const Kernel &k, long tap, long from, long block) {
  const CWinogradShape &s = k.plan.shape;
  long count = lanes(k.to, block);
  if (!BACKWARD)
    return Format<false>::get(k.kernel, (tap * s.channels + from) * s.filters + block * LANES, count);
  float some[LANES] = {};
  const float *first = k.kernel + ((R * R - 1 - tap) * s.channels + block * LANES) * s.filters + from;
  for (long lane = 0; lane < count; lane++) some[lane] = first[lane * s.filters];
  return load(some);
}

template <int R, bool BACKWARD>
static void transform_kernels(const void *context, long start, long end, long) {
  const Kernel &k = *(const Kernel *)context;
  for (long from = start; from < end; from++)
    for (long block = 0; block < k.plan.blocks(k.to); block++) {
      Vector m[tile_values];
      for (long tap = 0; tap < R * R; tap++)
        m[tap / R * side + tap % R] = taps<R, BACKWARD>(k, tap, from, block);
      kernel_square<R>(m);
      put_values(
          m, k.target + (block * k.from + from) * LANES, k.plan.pitch(k.from * k.plan.padded(k.to)));
    }
}

static void transform_kernel(
    const CWinograd &plan, const float *kernel, bool backward, float *transformed) {
  const CWinogradShape &s = plan.shape;
  Kernel context = {
      plan, kernel, transformed, backward ? s.filters : s.channels, backward ? s.channels : s.filters};
  void (*body)(const void *, long, long, long) =
      s.kernel == 3 ? (backward ? transform_kernels<3, true> : transform_kernels<3, false>)
                    : (backward ? transform_kernels<4, true> : transform_kernels<4, false>);
  cmachine_for_shares(context.from, plan.shares, &context, body);
}

#define PASSES {LANES, transform_kernel, convolve_any<false>, backward_weights, convolve_any<true>}
