// Transforms of images, of one vector of channels at a time. Included by Level*.cpp only.
//
// Two real lines are transformed as one complex line, and of the result, which is symmetric, one half
// is kept. Values are doubled by this, so that a product of two spectra has four times its value.

/// An image, a kernel, or the part of one in a tile, within a larger array.
struct Grid {
  Span down, across;
  long line, pixel;  // from one line and one pixel to the next

  /// The position in a transform of a value of a span.
  static long place(const Length &length, const Span &span, long at) {
    long place = span.lead + at;
    return place < 0 ? place + length.count : place;
  }
  /// The number of leading values of a transform that can differ from 0.
  static long extent(const Length &length, const Span &span) {
    return span.lead < 0 ? length.count : span.lead + span.count;
  }
  /// Where the pixels begin in the array.
  long start() const { return down.first * line + across.first * pixel; }
};

/// Calls `body` with each position before the extent of a span that no value has.
template <class Body> INLINE void for_gaps(const Length &length, const Span &span, Body body) {
  long end = span.lead + span.count, from = span.lead < 0 && end > 0 ? end : 0;
  long to = span.lead < 0 ? length.count + span.lead : span.lead;
  for (long at = from; at < to; at++) body(at);
  if (end < 0)
    for (long at = length.count + end; at < length.count; at++) body(at);
}

/// The memory of one thread.
struct Desk {
  const CFrequency &plan;
  Line columns, first, second;

  Desk(const CFrequency &plan, float *memory) : plan(plan) {
    long image = plan.frequencies(), line = longest(plan);
    Vector *next = (Vector *)memory;
    columns = {next, next + image};
    first = {next + 2 * image, next + 2 * image + line};
    second = {first.im + line, first.im + 2 * line};
  }

  static long longest(const CFrequency &plan) {
    long vertical = plan.vertical().count, horizontal = plan.horizontal().count;
    return vertical > horizontal ? vertical : horizontal;
  }
  static long floats(const CFrequency &plan) {
    return LANES * (2 * plan.frequencies() + 4 * longest(plan));
  }

  Line column(long f) const {
    long count = plan.vertical().count;
    return {columns.re + f * count, columns.im + f * count};
  }
};

/// Copies two lines of an image to the real and the imaginary part of a line.
template <class Read>
INLINE void read_lines(const Grid &grid, const Length &length, long y, Line line, Read read) {
  Vector zero = {};
  bool two = y + 1 < grid.down.count;
  for_gaps(length, grid.across, [&](long x) { line.re[x] = zero, line.im[x] = zero; });
  for (long x = 0; x < grid.across.count; x++) {
    long at = Grid::place(length, grid.across, x), from = y * grid.line + x * grid.pixel;
    line.re[at] = read(from);
    line.im[at] = two ? read(from + grid.line) : zero;
  }
}

/// Transforms the lines of an image, two at a time, into columns.
template <class Read> INLINE void transform_lines(const Desk &desk, const Grid &grid, Read read) {
  const Length &length = desk.plan.horizontal(), &down = desk.plan.vertical();
  long count = length.count, columns = desk.plan.columns();
  Vector zero = {};
  for (long y = 0; y < grid.down.count; y += 2) {
    read_lines(grid, length, y, desk.first, read);
    Line line = transform(
        length, desk.first, desk.second, Grid::extent(length, grid.across), count);
    bool two = y + 1 < grid.down.count;
    long place = Grid::place(down, grid.down, y);
    Line to = {desk.columns.re + place, desk.columns.im + place};
    long next = two ? Grid::place(down, grid.down, y + 1) - place : 0;
    for (long f = 0; f < columns; f++) {
      long mirror = f == 0 ? 0 : count - f, at = f * down.count;
      Vector pr = line.re[f], pi = line.im[f], qr = line.re[mirror], qi = line.im[mirror];
      if (two) to.re[at + next] = pi + qi, to.im[at + next] = qr - pr;
      to.re[at] = pr + qr, to.im[at] = pi - qi;
    }
  }
  for (long f = 0; f < columns; f++)
    for_gaps(down, grid.down, [&](long y) {
      desk.column(f).re[y] = zero, desk.column(f).im[y] = zero;
    });
}

/// Computes the spectrum of an image; `pitch` floats lie between two frequencies of `spectrum`.
template <bool CONJUGATE, class Read>
INLINE void image_spectrum(
    const Desk &desk, const Grid &grid, float *spectrum, long pitch, Read read) {
  const Length &down = desk.plan.vertical();
  transform_lines(desk, grid, read);
  for (long f = 0; f < desk.plan.columns(); f++) {
    Line line = transform(
        down, desk.column(f), desk.first, Grid::extent(down, grid.down), down.count);
    float *to = spectrum + f * down.count * pitch;
    for (long k = 0; k < down.count; k++) {
      *(Vector *)(to + k * pitch) = line.re[k];
      *(Vector *)(to + k * pitch + LANES) = CONJUGATE ? -line.im[k] : line.im[k];
    }
  }
}

/// A complex vector.
struct Complex {
  Vector re, im;
};

/// Reads a spectrum from memory; `pitch` floats lie between two frequencies.
struct Spectrum {
  const float *values;
  long pitch;

  INLINE Complex get(const Spectrum &s, long frequency) {
    const float *from = s.values + frequency * s.pitch;
    return {*(const Vector *)from, *(const Vector *)(from + LANES)};
  }
};

/// Computes an image from its spectrum, without the division by the number of frequencies.
template <class From, class Write>
INLINE void spectrum_image(
    const Desk &desk, const Grid &grid, const From &spectrum, Write write) {
  const Length &length = desk.plan.horizontal(), &down = desk.plan.vertical();
  long columns = desk.plan.columns(), wanted = Grid::extent(down, grid.down);
  bool isOdd = down.stages.size() % 2 == 1;
  for (long f = 0; f < columns; f++) {
    // The last stage writes to the column.
    Line end = desk.column(f), start = isOdd ? desk.first : end;
    for (long k = 0; k < down.count; k++) {
      Complex value = From::get(spectrum, f * down.count + k);
      start.re[k] = value.re;
      start.im[k] = value.im;
    }
    // The inverse of a transform is the transform with both parts exchanged.
    transform(
        down, start.swapped(), (isOdd ? end : desk.first).swapped(), down.count, wanted);
  }
  for (long y = 0; y < grid.down.count; y += 2) {
    bool two = y + 1 < grid.down.count;
    long top = Grid::place(down, grid.down, y);
    long next = two ? Grid::place(down, grid.down, y + 1) : top;
    for (long f = 0; f < columns; f++) {
      long mirror = f == 0 ? 0 : length.count - f;
      Line column = desk.column(f);
      Vector ar = column.re[top], ai = column.im[top], br = column.re[next], bi = column.im[next];
      desk.first.re[mirror] = ar + bi, desk.first.im[mirror] = br - ai;
      desk.first.re[f] = ar - bi, desk.first.im[f] = ai + br;
    }
    Line line = transform(
                    length, desk.first.swapped(), desk.second.swapped(), length.count,
                    Grid::extent(length, grid.across))
                    .swapped();
    for (long x = 0; x < grid.across.count; x++) {
      long at = Grid::place(length, grid.across, x), to = y * grid.line + x * grid.pixel;
      write(to, line.re[at]);
      if (two) write(to + grid.line, line.im[at]);
    }
  }
}
