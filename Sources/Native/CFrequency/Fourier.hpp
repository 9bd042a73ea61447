// Transforms of lines of vectors, one for each lane. Included by Level*.cpp only.
//
// Source: the self-sorting form of Stockham, in C. Van Loan, Computational Frameworks for the Fast
// Fourier Transform, 1992, section 1.7; the short transforms are those of its section 2.

/// A line of complex vectors.
struct Line {
  Vector *re, *im;
  Line swapped() const { return {im, re}; }
};

template <int R> struct Butterfly;

template <> struct Butterfly<2> {
  INLINE void run(Vector *re, Vector *im) {
    Vector r = re[0], i = im[0];
    re[0] = r + re[1], im[0] = i + im[1];
    re[1] = r - re[1], im[1] = i - im[1];
  }
};

template <> struct Butterfly<3> {
  INLINE void run(Vector *re, Vector *im) {
    const float half = 0.86602540378443864676f;
    Vector sr = re[1] + re[2], si = im[1] + im[2];
    Vector dr = (re[1] - re[2]) * half, di = (im[1] - im[2]) * half;
    Vector mr = re[0] - 0.5f * sr, mi = im[0] - 0.5f * si;
    re[0] += sr, im[0] += si;
    re[1] = mr + di, im[1] = mi - dr;
    re[2] = mr - di, im[2] = mi + dr;
  }
};

template <> struct Butterfly<4> {
  INLINE void run(Vector *re, Vector *im) {
    Vector ar = re[0] + re[2], ai = im[0] + im[2], br = re[0] - re[2], bi = im[0] - im[2];
    Vector cr = re[1] + re[3], ci = im[1] + im[3], dr = re[1] - re[3], di = im[1] - im[3];
    re[0] = ar + cr, im[0] = ai + ci;
    re[1] = br + di, im[1] = bi - dr;
    re[2] = ar - cr, im[2] = ai - ci;
    re[3] = br - di, im[3] = bi + dr;
  }
};

/// cos(2 pi k / R) and sin(2 pi k / R) for k in 1...R / 2.
template <int R> struct Turns;
template <> struct Turns<5> {
  static constexpr float cosines[] = {0.30901699437494745f, -0.8090169943749475f};
  static constexpr float sines[] = {0.9510565162951535f, 0.5877852522924731f};
};
template <> struct Turns<7> {
  static constexpr float cosines[] = {
      0.6234898018587336f, -0.22252093395631434f, -0.9009688679024191f};
  static constexpr float sines[] = {0.7818314824680298f, 0.9749279121818236f, 0.43388373911755823f};
};

/// For an odd length: the sums and differences of opposite values are multiplied by the cosines and
/// the sines.
template <int R> struct Butterfly {
  static constexpr int H = R / 2;
  static constexpr float cosine(int k) { return Turns<R>::cosines[(k > H ? R - k : k) - 1]; }
  static constexpr float sine(int k) {
    return k > H ? -Turns<R>::sines[R - k - 1] : Turns<R>::sines[k - 1];
  }

  INLINE void run(Vector *re, Vector *im) {
    Vector sr[H], si[H], dr[H], di[H];
#pragma clang loop unroll(full)
    for (int j = 0; j < H; j++) {
      sr[j] = re[j + 1] + re[R - 1 - j], si[j] = im[j + 1] + im[R - 1 - j];
      dr[j] = re[j + 1] - re[R - 1 - j], di[j] = im[j + 1] - im[R - 1 - j];
    }
    Vector r = re[0], i = im[0];
#pragma clang loop unroll(full)
    for (int j = 0; j < H; j++) re[0] += sr[j], im[0] += si[j];
#pragma clang loop unroll(full)
    for (int k = 1; k <= H; k++) {
      Vector mr = r, mi = i, nr = {}, ni = {};
#pragma clang loop unroll(full)
      for (int j = 1; j <= H; j++) {
        mr += cosine(j * k % R) * sr[j - 1], mi += cosine(j * k % R) * si[j - 1];
        nr += sine(j * k % R) * di[j - 1], ni += sine(j * k % R) * dr[j - 1];
      }
      re[k] = mr + nr, im[k] = mi - ni;
      re[R - k] = mr - nr, im[R - k] = mi + ni;
    }
  }
};

/// Computes the butterflies of one `p`: those of the values s q + ..., for each q in 0..<many.
template <int R, bool TURNED>
INLINE void butterflies(
    Line in, Line out, long step, long stride, long many, const float *factors) {
  for (long q = 0; q < many; q++) {
    Vector re[R], im[R];
#pragma clang loop unroll(full)
    for (int j = 0; j < R; j++) re[j] = in.re[q + j * step], im[j] = in.im[q + j * step];
    Butterfly<R>::run(re, im);
    out.re[q] = re[0], out.im[q] = im[0];
#pragma clang loop unroll(full)
    for (int k = 1; k < R; k++) {
      if (TURNED) {
        float c = factors[2 * k - 2], s = factors[2 * k - 1];
        out.re[q + k * stride] = re[k] * c - im[k] * s;
        out.im[q + k * stride] = re[k] * s + im[k] * c;
      } else {
        out.re[q + k * stride] = re[k], out.im[q + k * stride] = im[k];
      }
    }
  }
}

/// A stage of a transform whose remaining length is `rest`, over lines of `stride` values each.
template <int R>
static void stage(
    Line in, Line out, long rest, long stride, const float *factors, long wanted) {
  long parts = rest / R, step = stride * parts;
  long many = parts == 1 && wanted < stride ? wanted : stride;
  butterflies<R, false>(in, out, step, stride, many, factors);
  for (long p = 1; p < parts; p++)
    butterflies<R, true>(
        {in.re + stride * p, in.im + stride * p}, {out.re + stride * R * p, out.im + stride * R * p},
        step, stride, stride, factors + 2 * (R - 1) * p);
}

/// The first stage of a transform of which only the first values are not 0, fewer than a part.
INLINE void first_of_few(Line in, Line out, const Stage &first, long parts, long valid) {
  long radix = first.radix;
  for (long p = 0; p < valid; p++) {
    Vector r = in.re[p], i = in.im[p];
    const float *factors = first.factors.data() + 2 * (radix - 1) * p;
    out.re[radix * p] = r, out.im[radix * p] = i;
    for (long k = 1; k < radix; k++) {
      float c = factors[2 * k - 2], s = factors[2 * k - 1];
      out.re[radix * p + k] = r * c - i * s, out.im[radix * p + k] = r * s + i * c;
    }
  }
  Vector zero = {};
  for (long at = radix * valid; at < radix * parts; at++) out.re[at] = zero, out.im[at] = zero;
}

/// Transforms a line. The first `valid` values of `in` are used and the others count as 0; the first
/// `wanted` of the result are computed. Both lines are overwritten.
///
/// Returns the line of the two with the result.
static Line transform(const Length &length, Line in, Line out, long valid, long wanted) {
  long rest = length.count, stride = 1;
  Vector zero = {};
  for (const Stage &each : length.stages) {
    long parts = rest / each.radix;
    if (stride == 1 && valid <= parts && parts > 1) {
      first_of_few(in, out, each, parts, valid);
    } else {
      if (stride == 1)
        for (long at = valid; at < rest; at++) in.re[at] = zero, in.im[at] = zero;
      const float *factors = each.factors.data();
      switch (each.radix) {
        case 2: stage<2>(in, out, rest, stride, factors, wanted); break;
        case 3: stage<3>(in, out, rest, stride, factors, wanted); break;
        case 4: stage<4>(in, out, rest, stride, factors, wanted); break;
        case 5: stage<5>(in, out, rest, stride, factors, wanted); break;
        default: stage<7>(in, out, rest, stride, factors, wanted); break;
      }
    }
    Line next = in;
    in = out;
    out = next;
    rest = parts;
    stride *= each.radix;
  }
  return in;
}
