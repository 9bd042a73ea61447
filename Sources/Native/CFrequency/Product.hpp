// Products of small complex matrices, one for each frequency. Included by Level*.cpp only.
//
// A matrix [i, j] is stored as a panel: [j / LANES, i, real or imaginary, j % LANES].

/// The number of floats from one i to the next.
constexpr long pace = 2 * LANES;

/// c[r, o] = the sum over k of a[r, k] b[k, o], or of a[r, k] conj(b[k, o]).
struct Product {
  const float *a;
  long rows, row_step;                            // of a
  long outer, outer_step, inner, inner_step;      // k = inner * its outer index + its inner one
  long inner_last;                                // the inner ones of the last outer one
  const float *b;
  long b_block;                                   // from one vector of o to the next
  float *c;
  long blocks, c_block;
};

template <int ROWS, int BLOCKS, bool CONJUGATE>
INLINE void tile(const Product &p, const float *a, const float *b, float *c) {
  Vector re[ROWS][BLOCKS] = {}, im[ROWS][BLOCKS] = {};
  for (long outer = 0; outer < p.outer; outer++) {
    const float *at = a + outer * p.outer_step;
    long count = outer == p.outer - 1 ? p.inner_last : p.inner;
    for (long inner = 0; inner < count; inner++) {
      Vector br[BLOCKS], bi[BLOCKS];
#pragma clang loop unroll(full)
      for (int o = 0; o < BLOCKS; o++) {
        br[o] = *(const Vector *)(b + o * p.b_block);
        bi[o] = *(const Vector *)(b + o * p.b_block + LANES);
      }
#pragma clang loop unroll(full)
      for (int r = 0; r < ROWS; r++) {
        float ar = at[r * p.row_step], ai = at[r * p.row_step + LANES];
#pragma clang loop unroll(full)
        for (int o = 0; o < BLOCKS; o++) {
          re[r][o] += ar * br[o];
          im[r][o] += ai * br[o];
          if (CONJUGATE) {
            re[r][o] += ai * bi[o];
            im[r][o] -= ar * bi[o];
          } else {
            re[r][o] -= ai * bi[o];
            im[r][o] += ar * bi[o];
          }
        }
      }
      at += p.inner_step;
      b += pace;
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < ROWS; r++)
#pragma clang loop unroll(full)
    for (int o = 0; o < BLOCKS; o++) {
      *(Vector *)(c + o * p.c_block + r * pace) = re[r][o];
      *(Vector *)(c + o * p.c_block + r * pace + LANES) = im[r][o];
    }
}

#if LANES == 16
constexpr int most_rows = 6, most_blocks = 2;
#else
constexpr int most_rows = 5, most_blocks = 1;
#endif

template <int BLOCKS, bool CONJUGATE>
INLINE void tiles(const Product &p, long row, long count, const float *b, float *c) {
  const float *a = p.a + row * p.row_step;
  switch (count) {
    case 6: tile<most_rows, BLOCKS, CONJUGATE>(p, a, b, c + row * pace); break;
    case 5: tile<5, BLOCKS, CONJUGATE>(p, a, b, c + row * pace); break;
    case 4: tile<4, BLOCKS, CONJUGATE>(p, a, b, c + row * pace); break;
    case 3: tile<3, BLOCKS, CONJUGATE>(p, a, b, c + row * pace); break;
    case 2: tile<2, BLOCKS, CONJUGATE>(p, a, b, c + row * pace); break;
    default: tile<1, BLOCKS, CONJUGATE>(p, a, b, c + row * pace); break;
  }
}

/// Computes a product, in tiles of about equal numbers of rows.
template <bool CONJUGATE> static void multiply(const Product &p) {
  long parts = (p.rows + most_rows - 1) / most_rows;
  for (long o = 0; o < p.blocks; o += most_blocks)
    for (long part = 0; part < parts; part++) {
      long row = p.rows * part / parts, count = p.rows * (part + 1) / parts - row;
      const float *b = p.b + o * p.b_block;
      float *c = p.c + o * p.c_block;
      if (o + most_blocks <= p.blocks)
        tiles<most_blocks, CONJUGATE>(p, row, count, b, c);
      else
        tiles<1, CONJUGATE>(p, row, count, b, c);
    }
}

/// Transposes a panel [i, j] to one of [j, i].
static void transpose(const float *from, long rows, long columns, float *to) {
  long to_block = columns * pace, from_block = rows * pace;
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) {
      const float *value = from + j / LANES * from_block + i * pace + j % LANES;
      float *target = to + i / LANES * to_block + j * pace + i % LANES;
      target[0] = value[0];
      target[LANES] = value[LANES];
    }
}
