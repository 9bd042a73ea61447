// Tiles of images: reading, transforming and writing. Included by Level*.cpp only.

/// The images that a pass reads; where `output` is given, only values where it is positive.
template <bool NARROW> struct Source {
  const void *images;
  const void *output;

  INLINE Vector get(const Source &s, long at, long count) {
    Vector value = Format<NARROW>::get(s.images, at, count);
    if (s.output == NULL) return value;
    return where_positive(value, Format<NARROW>::get(s.output, at, count));
  }
};

/// Where a tile is: its image, and the position of its first output.
struct Place {
  long row, y, x;

  Place(const Tiling &t, long tile)
      : row(tile / (t.down * t.across)), y(tile / t.across % t.down * t.step),
        x(tile % t.across * t.step) {}
};

/// Reads a square of `COUNT` values a side; those outside of the image are 0.
template <int COUNT, bool NARROW>
INLINE void read_square(
    const Images &images, const Source<NARROW> &source, long row, long top, long left, long block,
    Vector *m) {
  long first = ((row * images.height + top) * images.width + left) * images.channels + block * LANES;
  long count = lanes(images.channels, block), line = images.width * images.channels;
  bool isInside = top >= 0 && left >= 0 && top + COUNT <= images.height && left + COUNT <= images.width;
  if (isInside && count == LANES) {
#pragma clang loop unroll(full)
    for (int i = 0; i < COUNT; i++)
#pragma clang loop unroll(full)
      for (int j = 0; j < COUNT; j++)
        m[i * side + j] = Source<NARROW>::get(source, first + i * line + j * images.channels, LANES);
    return;
  }
  Vector zero = {};
  for (long i = 0; i < COUNT; i++)
    for (long j = 0; j < COUNT; j++) {
      bool isThere =
          top + i >= 0 && left + j >= 0 && top + i < images.height && left + j < images.width;
      m[i * side + j] =
          isThere ? Source<NARROW>::get(source, first + i * line + j * images.channels, count) : zero;
    }
}

/// Stores the values of a tile; `step` floats lie between two of them.
INLINE void put_values(const Vector *m, float *to, long step) {
#pragma clang loop unroll(full)
  for (int f = 0; f < tile_values; f++) *(Vector *)(to + f * step) = m[f];
}

INLINE void get_values(const float *from, long step, Vector *m) {
#pragma clang loop unroll(full)
  for (int f = 0; f < tile_values; f++) m[f] = *(const Vector *)(from + f * step);
}

/// Transforms the inputs of a tile, all channels.
template <bool NARROW>
INLINE void transform_input(
    const Tiling &t, const Source<NARROW> &source, long tile, float *to, long step) {
  Place place(t, tile);
  for (long block = 0; block * LANES < t.from.channels; block++) {
    Vector m[tile_values];
    read_square<side, NARROW>(
        t.from, source, place.row, place.y - t.padding, place.x - t.padding, block, m);
    image_square(m);
    put_values(m, to + block * LANES, step);
  }
}

/// Transforms the gradients of the outputs of a tile, as a kernel.
template <int M, bool NARROW>
INLINE void transform_gradient(
    const Tiling &t, const Source<NARROW> &source, long tile, float *to, long step) {
  Place place(t, tile);
  for (long block = 0; block * LANES < t.to.channels; block++) {
    Vector m[tile_values];
    read_square<M, NARROW>(t.to, source, place.row, place.y, place.x, block, m);
    kernel_square<M>(m);
    put_values(m, to + block * LANES, step);
  }
}

/// Transforms the products of a tile to its outputs and writes them.
template <int M, bool NARROW>
INLINE void write_outputs(
    const Tiling &t, const Arguments &a, long tile, const float *from, long step) {
  Place place(t, tile);
  long line = t.to.width * t.to.channels;
  long first = ((place.row * t.to.height + place.y) * t.to.width + place.x) * t.to.channels;
  long down = t.to.height - place.y < M ? t.to.height - place.y : M;
  long across = t.to.width - place.x < M ? t.to.width - place.x : M;
  for (long block = 0; block * LANES < t.to.channels; block++) {
    long count = lanes(t.to.channels, block);
    Vector m[tile_values], zero = {}, bias = zero;
    if (a.bias != NULL) bias = Format<false>::get(a.bias, block * LANES, count);
    get_values(from + block * LANES, step, m);
    output_square<M>(m);
    for (long i = 0; i < down; i++)
      for (long j = 0; j < across; j++) {
        Vector value = m[i * side + j] + bias;
        // A NaN stays.
        if (a.relu) value = value < zero ? zero : value;
        Format<NARROW>::put(
            a.target, first + i * line + j * t.to.channels + block * LANES, count, value);
      }
  }
}
