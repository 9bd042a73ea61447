// Products of small matrices, one for each value of a transformed tile. Included by Level*.cpp only.

/// c[r, o] = the sum over k of a[r, k] b[k, o], or that added to c.
struct Product {
  const float *a;
  long rows, row_step, terms, term_step;  // of a
  const float *b;
  long b_step, b_block;                   // from one k, and one vector of o, to the next
  float *c;
  long c_step, blocks, c_block;
};

template <int ROWS, int BLOCKS, bool ADD>
INLINE void multiply_some(const Product &p, const float *a, const float *b, float *c) {
  Vector sums[ROWS][BLOCKS] = {};
  for (long k = 0; k < p.terms; k++) {
    Vector factors[BLOCKS];
#pragma clang loop unroll(full)
    for (int o = 0; o < BLOCKS; o++) factors[o] = *(const Vector *)(b + o * p.b_block);
#pragma clang loop unroll(full)
    for (int r = 0; r < ROWS; r++) {
      float factor = a[r * p.row_step];
#pragma clang loop unroll(full)
      for (int o = 0; o < BLOCKS; o++) sums[r][o] += factor * factors[o];
    }
    a += p.term_step;
    b += p.b_step;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < ROWS; r++)
#pragma clang loop unroll(full)
    for (int o = 0; o < BLOCKS; o++) {
      Vector *to = (Vector *)(c + r * p.c_step + o * p.c_block);
      *to = ADD ? *to + sums[r][o] : sums[r][o];
    }
}

// Sums that fit into the registers.
#if LANES == 16
constexpr int most_rows = 12;
#elif LANES == 8
constexpr int most_rows = 6;
#else
constexpr int most_rows = 4;
#endif

template <int BLOCKS, bool ADD>
INLINE void multiply_rows(const Product &p, long row, long count, long block) {
  const float *a = p.a + row * p.row_step, *b = p.b + block * p.b_block;
  float *c = p.c + row * p.c_step + block * p.c_block;
  constexpr int half = most_rows / 2;
  while (count >= most_rows) {
    multiply_some<most_rows, BLOCKS, ADD>(p, a, b, c);
    a += most_rows * p.row_step, c += most_rows * p.c_step, count -= most_rows;
  }
  if (count >= half) {
    multiply_some<half, BLOCKS, ADD>(p, a, b, c);
    a += half * p.row_step, c += half * p.c_step, count -= half;
  }
  for (; count >= 2; count -= 2) {
    multiply_some<2, BLOCKS, ADD>(p, a, b, c);
    a += 2 * p.row_step, c += 2 * p.c_step;
  }
  if (count > 0) multiply_some<1, BLOCKS, ADD>(p, a, b, c);
}

/// Computes a product; two vectors at a time, so that the rows of a are read half as often.
template <bool ADD> INLINE void multiply(const Product &p) {
  long block = 0;
  for (; block + 2 <= p.blocks; block += 2) multiply_rows<2, ADD>(p, 0, p.rows, block);
  if (block < p.blocks) multiply_rows<1, ADD>(p, 0, p.rows, block);
}
