#pragma once
// Products of eight-bit integers, exact in 32 bits. The layout of the weights is told in int8_product of kernels.h.

#include "kernels/vector.isa.h"

namespace dragoman::DRAGOMAN_ISA {
namespace {

#if defined(__AVX2__)
constexpr int int8_shift = 128;  // processors multiply unsigned by signed integers
#else
constexpr int int8_shift = 0;
#endif

/// Rounds x * scale to the nearest integer (ties to even), at least -127 and at most 127. NaN becomes -127.
DRAGOMAN_INLINE int to_int8(float x, float scale) {
  x *= scale;
  x = x > -127.0f ? x : -127.0f;
  x = x < 127.0f ? x : 127.0f;
  return int(__builtin_nearbyintf(x));
}

void quantize(std::int64_t n, const float* x, float scale, int shift, std::int8_t* y) {
  std::int64_t i = 0;
#if defined(__AVX512F__)
  const __m512 factor = _mm512_set1_ps(scale), low = _mm512_set1_ps(-127.0f);
  for (; i + 16 <= n; i += 16) {  // _mm512_max_ps gives its second operand for NaN
    const __m512 scaled = _mm512_max_ps(_mm512_mul_ps(_mm512_loadu_ps(x + i), factor), low);
    const __m512i whole = _mm512_cvtps_epi32(_mm512_min_ps(scaled, _mm512_set1_ps(127.0f)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(y + i),
                     _mm_xor_si128(_mm512_cvtepi32_epi8(whole), _mm_set1_epi8(static_cast<char>(shift))));
  }
#elif defined(__AVX2__)
  const __m256 factor = _mm256_set1_ps(scale), low = _mm256_set1_ps(-127.0f), high = _mm256_set1_ps(127.0f);
  for (; i + 16 <= n; i += 16) {
    const __m256 a = _mm256_min_ps(_mm256_max_ps(_mm256_mul_ps(_mm256_loadu_ps(x + i), factor), low), high);
    const __m256 b = _mm256_min_ps(_mm256_max_ps(_mm256_mul_ps(_mm256_loadu_ps(x + i + 8), factor), low), high);
    const __m256i words = _mm256_packs_epi32(_mm256_cvtps_epi32(a), _mm256_cvtps_epi32(b));
    const __m256i ordered = _mm256_permute4x64_epi64(words, 0xd8);
    const __m128i whole = _mm_packs_epi16(_mm256_castsi256_si128(ordered), _mm256_extracti128_si256(ordered, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(y + i), _mm_xor_si128(whole, _mm_set1_epi8(static_cast<char>(shift))));
  }
#endif
  for (; i < n; ++i) y[i] = static_cast<std::int8_t>(to_int8(x[i], scale) ^ shift);
}

float largest_magnitude(std::int64_t n, const float* x) {
  Vector most = splat(0);
  for_each_vector(n, [&](std::int64_t i, int count) {
    const Vector v = load(x + i, count);
    most = maximum(most, v < 0.0f ? -v : v);
  });
  return largest(most);
}

void int8_row_sums(int rows, int width, const std::int8_t* x, std::int32_t* sums) {
  for (int r = 0; r < rows; ++r, x += width) {
    std::int32_t sum = 0;
    for (int i = 0; i < width; ++i) sum += x[i];
    sums[r] = sum;
  }
}

#if defined(__AVX512VNNI__)

/// Sums of one row for four blocks of 16 outputs. (Named, because the compiler keeps larger arrays in memory.)
struct Sums {
  __m512i a, b, c, d;
};

DRAGOMAN_INLINE void add_products(Sums& sums, const std::int8_t* row, const Sums& weights) {
  int four;
  __builtin_memcpy(&four, row, 4);
  const __m512i x = _mm512_set1_epi32(four);
  sums.a = _mm512_dpbusd_epi32(sums.a, x, weights.a);
  sums.b = _mm512_dpbusd_epi32(sums.b, x, weights.b);
  sums.c = _mm512_dpbusd_epi32(sums.c, x, weights.c);
  sums.d = _mm512_dpbusd_epi32(sums.d, x, weights.d);
}

DRAGOMAN_INLINE void finish_part(const Int8Product& p, int row, int at, __m512i sum) {
  const int count = p.outputs - at;
  if (count <= 0) return;
  const __mmask16 mask = count >= 16 ? __mmask16(0xffff) : __mmask16((1u << count) - 1);
  __m512 scale = _mm512_maskz_loadu_ps(mask, p.factors + at);
  if (p.row_factors != nullptr) scale = _mm512_mul_ps(scale, _mm512_set1_ps(p.row_factors[row]));
  const __m512 bias = p.bias != nullptr ? _mm512_maskz_loadu_ps(mask, p.bias + at) : _mm512_setzero_ps();
  __m512 y = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), scale, bias);
  if (p.relu) y = _mm512_max_ps(y, _mm512_setzero_ps());
  _mm512_mask_storeu_ps(p.c + row * p.c_stride + at, mask, y);
}

DRAGOMAN_INLINE void finish(const Int8Product& p, int row, int at, const Sums& sums) {
  finish_part(p, row, at, sums.a);
  finish_part(p, row, at + 16, sums.b);
  finish_part(p, row, at + 32, sums.c);
  finish_part(p, row, at + 48, sums.d);
}

/// What sums begin with: the opposite of what the shift of the rows adds to them.
DRAGOMAN_INLINE __m512i opposite_of_shift(const Int8Product& p, int at) {
  return _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_slli_epi32(_mm512_loadu_si512(p.weight_sums + at), 7));
}

/// 64 outputs for R rows.
template <int R>
DRAGOMAN_INLINE void int8_tile(const Int8Product& p, int row, int at) {
  const std::int64_t width = p.inputs, block = width * 16, stride = p.a_stride;
  const std::int8_t* w = p.weights + at * width;
  const std::int8_t* a = p.a + row * stride;
  const Sums begin{opposite_of_shift(p, at), opposite_of_shift(p, at + 16), opposite_of_shift(p, at + 32),
                   opposite_of_shift(p, at + 48)};
  Sums r0 = begin, r1 = begin, r2 = begin, r3 = begin, r4 = begin, r5 = begin;
  for (int k = 0; k < p.inputs; k += 4, w += 64, a += 4) {
    const Sums weights{_mm512_loadu_si512(w), _mm512_loadu_si512(w + block), _mm512_loadu_si512(w + 2 * block),
                       _mm512_loadu_si512(w + 3 * block)};
    add_products(r0, a, weights);
    if (R > 1) add_products(r1, a + stride, weights);
    if (R > 2) add_products(r2, a + 2 * stride, weights);
    if (R > 3) add_products(r3, a + 3 * stride, weights);
    if (R > 4) add_products(r4, a + 4 * stride, weights);
    if (R > 5) add_products(r5, a + 5 * stride, weights);
  }
  finish(p, row, at, r0);
  if (R > 1) finish(p, row + 1, at, r1);
  if (R > 2) finish(p, row + 2, at, r2);
  if (R > 3) finish(p, row + 3, at, r3);
  if (R > 4) finish(p, row + 4, at, r4);
  if (R > 5) finish(p, row + 5, at, r5);
}

constexpr int rows_at_once = 6;

#elif defined(__AVX2__)

/// The sums of pairs of products, added in fours.
DRAGOMAN_INLINE __m256i sum_of_pairs(__m256i sums, __m256i pairs, __m256i ones) {
  return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, ones));
}

/// 32 outputs for R rows. The processor multiplies unsigned by signed integers and adds pairs in 16 bits, where they
/// saturate. That no pair does is the weights' doing, whose outliers stand apart; or, where there are too many of
/// them, |a| times b under a's sign is what is multiplied, which is never more than 2 * 127 * 127.
template <int R>
DRAGOMAN_INLINE void int8_half_tile(const Int8Product& p, int row, int at) {
  const std::int64_t block = std::int64_t(p.inputs) * 16, stride = p.a_stride;
  const std::int8_t* w = p.weights + std::int64_t(at) * p.inputs;
  const std::int8_t* a = p.a + row * stride;
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sums[R][4];
  for (int c = 0; c < 4; ++c) {  // for the shift of the rows
    const __m256i weight_sums = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p.weight_sums + at + c * 8));
    const __m256i begin = _mm256_sub_epi32(_mm256_setzero_si256(), _mm256_slli_epi32(weight_sums, 7));
    for (int r = 0; r < R; ++r) sums[r][c] = p.outliers != nullptr ? begin : _mm256_setzero_si256();
  }
  const auto four_inputs = [&](int r, int k) {
    int four;
    __builtin_memcpy(&four, a + r * stride + k, 4);
    return _mm256_set1_epi32(four);
  };
  const auto eight_outputs = [&](int c, int k) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + (c / 2) * block + k * 16 + (c % 2) * 32));
  };
  if (p.outliers != nullptr) {
    for (int k = 0; k < p.inputs; k += 4) {
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) {
        const __m256i x = four_inputs(r, k);
#pragma GCC unroll 4
        for (int c = 0; c < 4; ++c) {
          sums[r][c] = sum_of_pairs(sums[r][c], _mm256_maddubs_epi16(x, eight_outputs(c, k)), ones);
        }
      }
    }
  } else {
    for (int k = 0; k < p.inputs; k += 4) {
      const __m256i weights[4] = {eight_outputs(0, k), eight_outputs(1, k), eight_outputs(2, k), eight_outputs(3, k)};
      for (int r = 0; r < R; ++r) {
        const __m256i x = _mm256_xor_si256(four_inputs(r, k), _mm256_set1_epi8(static_cast<char>(int8_shift)));
        const __m256i magnitude = _mm256_abs_epi8(x);
        for (int c = 0; c < 4; ++c) {
          const __m256i pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(weights[c], x));
          sums[r][c] = sum_of_pairs(sums[r][c], pairs, ones);
        }
      }
    }
  }
  alignas(32) std::int32_t totals[R][32];
  for (int r = 0; r < R; ++r) {
    for (int c = 0; c < 4; ++c) _mm256_store_si256(reinterpret_cast<__m256i*>(totals[r] + c * 8), sums[r][c]);
  }
  if (p.outliers != nullptr) {
    for (int i = p.outlier_offsets[at / 32]; i < p.outlier_offsets[at / 32 + 1]; ++i) {
      const Int8Outlier& outlier = p.outliers[i];
      for (int r = 0; r < R; ++r) {
        totals[r][outlier.output % 32] += outlier.rest * static_cast<std::uint8_t>(a[r * stride + outlier.input]);
      }
    }
  }
  for (int c = 0; c < 4; ++c) {
    const int first = at + c * 8, count = p.outputs - first;
    if (count <= 0) break;
    for (int r = 0; r < R; ++r) {
      float* out = p.c + (row + r) * p.c_stride + first;
      const float scale = p.row_factors != nullptr ? p.row_factors[row + r] : 1.0f;
      if (count >= 8) {
        const __m256 sum = _mm256_cvtepi32_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(totals[r] + c * 8)));
        const __m256 factor = _mm256_mul_ps(_mm256_loadu_ps(p.factors + first), _mm256_set1_ps(scale));
        const __m256 bias = p.bias != nullptr ? _mm256_loadu_ps(p.bias + first) : _mm256_setzero_ps();
        __m256 y = _mm256_fmadd_ps(sum, factor, bias);
        if (p.relu) y = _mm256_max_ps(y, _mm256_setzero_ps());
        _mm256_storeu_ps(out, y);
        continue;
      }
      for (int i = 0; i < count; ++i) {
        const float bias = p.bias != nullptr ? p.bias[first + i] : 0.0f;
        const float y = __builtin_fmaf(float(totals[r][c * 8 + i]), p.factors[first + i] * scale, bias);
        out[i] = p.relu && !(y > 0) ? 0.0f : y;
      }
    }
  }
}

template <int R>
DRAGOMAN_INLINE void int8_tile(const Int8Product& p, int row, int at) {
  int8_half_tile<R>(p, row, at);
  if (at + 32 < p.outputs) int8_half_tile<R>(p, row, at + 32);
}

constexpr int rows_at_once = 3;

#endif

#if defined(__AVX512VNNI__) || defined(__AVX2__)

/// Tiles of as many rows and outputs as there are registers for.
void int8_product_of_vectors(const Int8Product& p) {
  for (int at = 0; at < p.outputs; at += 64) {
    int row = 0;
    for (; row + rows_at_once <= p.rows; row += rows_at_once) int8_tile<rows_at_once>(p, row, at);
    switch (p.rows - row) {
#if defined(__AVX512VNNI__)
      case 5:
        int8_tile<5>(p, row, at);
        break;
      case 4:
        int8_tile<4>(p, row, at);
        break;
      case 3:
        int8_tile<3>(p, row, at);
        break;
#endif
      case 2:
        int8_tile<2>(p, row, at);
        break;
      case 1:
        int8_tile<1>(p, row, at);
        break;
      default:
        break;
    }
  }
}

#if defined(__AMX_INT8__)

/// The tiles of the processor's matrix unit: 16 rows of 64 bytes. 0 to 3 are sums, 4 and 5 rows, 6 and 7 weights.
struct TileShapes {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

/// Finishes the sums of 16 rows (or as many as there are) by 16 outputs.
DRAGOMAN_INLINE void finish_sums(const Int8Product& p, int row, int at, const std::int32_t* sums) {
  const int count = p.outputs - at, rows = p.rows - row < 16 ? p.rows - row : 16;
  if (count <= 0) return;
  const __mmask16 mask = count >= 16 ? __mmask16(0xffff) : __mmask16((1u << count) - 1);
  const __m512i begin = opposite_of_shift(p, at);
  const __m512 factor = _mm512_maskz_loadu_ps(mask, p.factors + at);
  const __m512 bias = p.bias != nullptr ? _mm512_maskz_loadu_ps(mask, p.bias + at) : _mm512_setzero_ps();
  const __m512 least = p.relu ? _mm512_setzero_ps() : _mm512_set1_ps(-__builtin_inff());
  const float* row_factor = p.row_factors != nullptr ? p.row_factors + row : nullptr;
  float* c = p.c + row * p.c_stride + at;
  const std::int64_t c_stride = p.c_stride;
  for (int r = 0; r < rows; ++r, c += c_stride) {
    const __m512 scale = row_factor != nullptr ? _mm512_mul_ps(factor, _mm512_set1_ps(row_factor[r])) : factor;
    const __m512 sum = _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_load_si512(sums + r * 16), begin));
    _mm512_mask_storeu_ps(c, mask, _mm512_max_ps(_mm512_fmadd_ps(sum, scale, bias), least));
  }
}

/// 32 rows for 32 outputs. Reads rows up to a multiple of 16.
DRAGOMAN_INLINE void int8_two_by_two(const Int8Product& p, int row, int at) {
  alignas(64) std::int32_t sums[4][256];
  const std::int64_t width = p.inputs, block = width * 16, stride = p.a_stride;
  const std::int8_t* w = p.weights + at * width;
  const std::int8_t* a = p.a + row * stride;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (std::int64_t k = 0; k < width; k += 64) {
    _tile_loadd(6, w + k * 16, 64);
    _tile_loadd(4, a + k, stride);
    _tile_dpbusd(0, 4, 6);
    _tile_loadd(7, w + block + k * 16, 64);
    _tile_dpbusd(1, 4, 7);
    _tile_loadd(5, a + 16 * stride + k, stride);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
  _tile_stored(0, sums[0], 64);
  _tile_stored(1, sums[1], 64);
  _tile_stored(2, sums[2], 64);
  _tile_stored(3, sums[3], 64);
  finish_sums(p, row, at, sums[0]);
  finish_sums(p, row, at + 16, sums[1]);
  finish_sums(p, row + 16, at, sums[2]);
  finish_sums(p, row + 16, at + 16, sums[3]);
}

/// 16 rows for 64 outputs. Reads rows up to a multiple of 16.
DRAGOMAN_INLINE void int8_one_by_four(const Int8Product& p, int row, int at) {
  alignas(64) std::int32_t sums[4][256];
  const std::int64_t width = p.inputs, block = width * 16, stride = p.a_stride;
  const std::int8_t* w = p.weights + at * width;
  const std::int8_t* a = p.a + row * stride;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (std::int64_t k = 0; k < width; k += 64, w += 1024) {
    _tile_loadd(4, a + k, stride);
    _tile_loadd(6, w, 64);
    _tile_dpbusd(0, 4, 6);
    _tile_loadd(7, w + block, 64);
    _tile_dpbusd(1, 4, 7);
    _tile_loadd(6, w + 2 * block, 64);
    _tile_dpbusd(2, 4, 6);
    _tile_loadd(7, w + 3 * block, 64);
    _tile_dpbusd(3, 4, 7);
  }
  _tile_stored(0, sums[0], 64);
  _tile_stored(1, sums[1], 64);
  _tile_stored(2, sums[2], 64);
  _tile_stored(3, sums[3], 64);
  for (int i = 0; i < 4; ++i) finish_sums(p, row, at + 16 * i, sums[i]);
}

void int8_product(const Int8Product& p) {
  constexpr int few_rows = 4;  // for which vectors are faster
  if (p.rows <= few_rows || p.inputs % 64 != 0) return int8_product_of_vectors(p);
  const TileShapes shapes;
  _tile_loadconfig(&shapes);
  for (int at = 0; at < p.outputs; at += 64) {
    int row = 0;
    for (; p.rows - row > 16; row += 32) {
      int8_two_by_two(p, row, at);
      if (at + 32 < p.outputs) int8_two_by_two(p, row, at + 32);
    }
    if (row < p.rows) int8_one_by_four(p, row, at);
  }
  _tile_release();
}

#else

void int8_product(const Int8Product& p) { int8_product_of_vectors(p); }

#endif

#else

void int8_product(const Int8Product& p) {
  for (int row = 0; row < p.rows; ++row) {
    for (int first = 0; first < p.outputs; first += 16) {
      int sums[16] = {};
      const std::int8_t* b = p.weights + std::int64_t(first) * p.inputs;
      const std::int8_t* a = p.a + row * p.a_stride;
      for (int k = 0; k < p.inputs; k += 4, b += 64) {
        for (int i = 0; i < 64; ++i) sums[i / 4] += int(a[k + i % 4]) * int(b[i]);
      }
      const float scale = p.row_factors != nullptr ? p.row_factors[row] : 1.0f;
      for (int i = 0; i < 16 && first + i < p.outputs; ++i) {
        const float y =
            float(sums[i]) * (p.factors[first + i] * scale) + (p.bias != nullptr ? p.bias[first + i] : 0.0f);
        p.c[row * p.c_stride + first + i] = p.relu && !(y > 0) ? 0.0f : y;
      }
    }
  }
}

#endif

}  // namespace
}  // namespace dragoman::DRAGOMAN_ISA
