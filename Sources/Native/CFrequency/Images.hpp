// Transforms of images, of one vector of channels at a time. Included by Level*.cpp only.
//
// Two real lines are transformed as one complex line, and of the result, which is symmetric, one half
// is kept. Values are doubled by this, so that a product of two spectra has four times its value.

/// An image, or a kernel, within a larger array. The position of its first pixel within a transform is
/// `shift` values before the first, in both directions; a transform is periodic.
struct Grid {
  long height, width;
  long line, pixel;  // from one line and one pixel to the next
  long shift;

  long row(const Length &length, long y) const { return y < shift ? length.count - shift + y : y - shift; }
  /// The number of leading values of a transform that can differ from 0.
  long extent(const Length &length, long count) const { return shift > 0 ? length.count : count; }
};

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
    return plan.vertical.count > plan.horizontal.count ? plan.vertical.count
                                                       : plan.horizontal.count;
  }
  static long floats(const CFrequency &plan) {
    return LANES * (2 * plan.frequencies() + 4 * longest(plan));
  }

  Line column(long f) const {
    return {columns.re + f * plan.vertical.count, columns.im + f * plan.vertical.count};
  }
};

/// Copies two lines of an image to the real and the imaginary part of a line.
template <class Read>
INLINE void read_lines(const Grid &grid, const Length &length, long y, Line line, Read read) {
  Vector zero = {};
  bool two = y + 1 < grid.height;
  if (grid.shift > 0)
    for (long x = grid.width - grid.shift; x < length.count - grid.shift; x++)
      line.re[x] = zero, line.im[x] = zero;
  for (long x = 0; x < grid.width; x++) {
    long at = grid.row(length, x), from = y * grid.line + x * grid.pixel;
    line.re[at] = read(from);
    line.im[at] = two ? read(from + grid.line) : zero;
  }
}

/// Transforms the lines of an image, two at a time, into columns.
template <class Read> INLINE void transform_lines(const Desk &desk, const Grid &grid, Read read) {
  const Length &length = desk.plan.horizontal, &down = desk.plan.vertical;
  long count = length.count, columns = desk.plan.columns();
  Vector zero = {};
  for (long y = 0; y < grid.height; y += 2) {
    read_lines(grid, length, y, desk.first, read);
    Line line = transform(
        length, desk.first, desk.second, grid.extent(length, grid.width), count);
    bool two = y + 1 < grid.height;
    Line to = {desk.columns.re + grid.row(down, y), desk.columns.im + grid.row(down, y)};
    long next = two ? grid.row(down, y + 1) - grid.row(down, y) : 0;
    for (long f = 0; f < columns; f++) {
      long mirror = f == 0 ? 0 : count - f, at = f * down.count;
      Vector pr = line.re[f], pi = line.im[f], qr = line.re[mirror], qi = line.im[mirror];
      if (two) to.re[at + next] = pi + qi, to.im[at + next] = qr - pr;
      to.re[at] = pr + qr, to.im[at] = pi - qi;
    }
  }
  if (grid.shift == 0) return;
  for (long f = 0; f < columns; f++)
    for (long y = grid.height - grid.shift; y < down.count - grid.shift; y++)
      desk.column(f).re[y] = zero, desk.column(f).im[y] = zero;
}

/// Computes the spectrum of an image; `pitch` floats lie between two frequencies of `spectrum`.
template <bool CONJUGATE, class Read>
INLINE void image_spectrum(
    const Desk &desk, const Grid &grid, float *spectrum, long pitch, Read read) {
  const Length &down = desk.plan.vertical;
  transform_lines(desk, grid, read);
  for (long f = 0; f < desk.plan.columns(); f++) {
    Line line = transform(
        down, desk.column(f), desk.first, grid.extent(down, grid.height), down.count);
    float *to = spectrum + f * down.count * pitch;
    for (long k = 0; k < down.count; k++) {
      *(Vector *)(to + k * pitch) = line.re[k];
      *(Vector *)(to + k * pitch + LANES) = CONJUGATE ? -line.im[k] : line.im[k];
    }
  }
}

/// Computes an image from its spectrum, without the division by the number of frequencies.
template <class Write>
INLINE void spectrum_image(
    const Desk &desk, const Grid &grid, const float *spectrum, long pitch, Write write) {
  const Length &length = desk.plan.horizontal, &down = desk.plan.vertical;
  long columns = desk.plan.columns(), wanted = grid.extent(down, grid.height);
  bool isOdd = down.stages.size() % 2 == 1;
  for (long f = 0; f < columns; f++) {
    // The last stage writes to the column.
    Line end = desk.column(f), start = isOdd ? desk.first : end;
    const float *from = spectrum + f * down.count * pitch;
    for (long k = 0; k < down.count; k++) {
      start.re[k] = *(const Vector *)(from + k * pitch);
      start.im[k] = *(const Vector *)(from + k * pitch + LANES);
    }
    // The inverse of a transform is the transform with both parts exchanged.
    transform(
        down, start.swapped(), (isOdd ? end : desk.first).swapped(), down.count, wanted);
  }
  for (long y = 0; y < grid.height; y += 2) {
    bool two = y + 1 < grid.height;
    long top = grid.row(down, y), next = two ? grid.row(down, y + 1) : top;
    for (long f = 0; f < columns; f++) {
      long mirror = f == 0 ? 0 : length.count - f;
      Line column = desk.column(f);
      Vector ar = column.re[top], ai = column.im[top], br = column.re[next], bi = column.im[next];
      desk.first.re[mirror] = ar + bi, desk.first.im[mirror] = br - ai;
      desk.first.re[f] = ar - bi, desk.first.im[f] = ai + br;
    }
    Line line = transform(
                    length, desk.first.swapped(), desk.second.swapped(), length.count,
                    grid.extent(length, grid.width))
                    .swapped();
    for (long x = 0; x < grid.width; x++) {
      long at = grid.row(length, x), to = y * grid.line + x * grid.pixel;
      write(to, line.re[at]);
      if (two) write(to + grid.line, line.im[at]);
    }
  }
}
