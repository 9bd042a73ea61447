// The transforms of lines of six values, for the points 0, 1, -1, 2, -2 and infinity. Included by
// Level*.cpp only. `STEP` lies between two values of a line.
//
// With R the side of the kernel and M = 7 - R that of the outputs of a tile:
// output = A(M) [G(R) kernel * B input], in both directions.
// Source: A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, 2016, section 4.1.

/// B: six values of an image.
template <int STEP> INLINE void image_line(const Vector *d, Vector *o) {
  Vector a = d[0], b = d[STEP], c = d[2 * STEP], e = d[3 * STEP], f = d[4 * STEP], g = d[5 * STEP];
  Vector even = f - 4.0f * c, odd = e - 4.0f * b, near = f - c, far = 2.0f * (e - b);
  o[0] = 4.0f * a - 5.0f * c + f;
  o[STEP] = even + odd;
  o[2 * STEP] = even - odd;
  o[3 * STEP] = near + far;
  o[4 * STEP] = near - far;
  o[5 * STEP] = 4.0f * b - 5.0f * e + g;
}

/// G: `TAPS` values of a kernel.
template <int TAPS, int STEP> INLINE void kernel_line(const Vector *g, Vector *o) {
  Vector zero = {}, first = g[0], last = g[(TAPS - 1) * STEP];
  Vector b = g[STEP], c = g[2 * STEP], d = TAPS == 4 ? g[(TAPS - 1) * STEP] : zero;
  Vector even = (first + c) * (-1.0f / 6), odd = (b + d) * (-1.0f / 6);
  Vector near = (first + 4.0f * c) * (1.0f / 24), far = (2.0f * b + 8.0f * d) * (1.0f / 24);
  o[0] = 0.25f * first;
  o[STEP] = even + odd;
  o[2 * STEP] = even - odd;
  o[3 * STEP] = near + far;
  o[4 * STEP] = near - far;
  o[5 * STEP] = last;
}

/// A: `COUNT` values of the output.
template <int COUNT, int STEP> INLINE void output_line(const Vector *m, Vector *o) {
  Vector a = m[STEP] + m[2 * STEP], b = m[STEP] - m[2 * STEP];
  Vector c = m[3 * STEP] + m[4 * STEP], d = m[3 * STEP] - m[4 * STEP], last = m[5 * STEP];
  o[0] = m[0] + a + c;
  o[STEP] = b + 2.0f * d;
  o[2 * STEP] = COUNT == 3 ? a + 4.0f * c + last : a + 4.0f * c;
  if (COUNT == 4) o[3 * STEP] = b + 8.0f * d + last;
}

/// A square of values, transformed in both directions; `m` has lines of six values.
INLINE void image_square(Vector *m) {
#pragma clang loop unroll(full)
  for (int i = 0; i < side; i++) image_line<1>(m + side * i, m + side * i);
#pragma clang loop unroll(full)
  for (int i = 0; i < side; i++) image_line<side>(m + i, m + i);
}

template <int TAPS> INLINE void kernel_square(Vector *m) {
#pragma clang loop unroll(full)
  for (int i = 0; i < TAPS; i++) kernel_line<TAPS, 1>(m + side * i, m + side * i);
#pragma clang loop unroll(full)
  for (int i = 0; i < side; i++) kernel_line<TAPS, side>(m + i, m + i);
}

template <int COUNT> INLINE void output_square(Vector *m) {
#pragma clang loop unroll(full)
  for (int i = 0; i < side; i++) output_line<COUNT, side>(m + i, m + i);
#pragma clang loop unroll(full)
  for (int i = 0; i < COUNT; i++) output_line<COUNT, 1>(m + side * i, m + side * i);
}
