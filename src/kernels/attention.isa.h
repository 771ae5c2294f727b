#pragma once
// Attention of one head of one sentence, forward and backward, with everything in the first levels of cache; and
// attention of a single query over a decoder's cache.

#include "kernels/norm.isa.h"
#include "kernels/transpose.isa.h"
#include "kernels/vector.isa.h"

namespace dragoman::DRAGOMAN_ISA {
namespace {

constexpr int round_up(int n) { return (n + vector_width - 1) / vector_width * vector_width; }

/// R rows and V vectors of c = a b (+ c) in registers. Element (i, k) of a lies at a[i * a_row + k * a_column].
template <int R, int V>
DRAGOMAN_INLINE void product_block(int depth, const float* a, std::int64_t a_row, std::int64_t a_column, const float* b,
                                   std::int64_t b_row, float* c, std::int64_t c_row, bool add) {
  Vector sums[R][V];
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) sums[r][v] = add ? load(c + r * c_row + v * vector_width) : Vector{};
  }
  for (int k = 0; k < depth; ++k, a += a_column, b += b_row) {
    Vector columns[V];
    for (int v = 0; v < V; ++v) columns[v] = load(b + v * vector_width);
    for (int r = 0; r < R; ++r) {
      for (int v = 0; v < V; ++v) sums[r][v] += a[r * a_row] * columns[v];
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) store(c + r * c_row + v * vector_width, sums[r][v]);
  }
}

template <int V>
DRAGOMAN_INLINE void product_panel(int rows, int depth, const float* a, std::int64_t a_row, std::int64_t a_column,
                                   const float* b, std::int64_t b_row, float* c, std::int64_t c_row, bool add) {
  constexpr int R = vector_width == 16 ? 8 : 4;
  for (; rows >= R; rows -= R, a += R * a_row, c += R * c_row) {
    product_block<R, V>(depth, a, a_row, a_column, b, b_row, c, c_row, add);
  }
  switch (rows) {  // the rest in one go: row by row it would wait for each sum
    case 7:
      return product_block<7, V>(depth, a, a_row, a_column, b, b_row, c, c_row, add);
    case 6:
      return product_block<6, V>(depth, a, a_row, a_column, b, b_row, c, c_row, add);
    case 5:
      return product_block<5, V>(depth, a, a_row, a_column, b, b_row, c, c_row, add);
    case 4:
      return product_block<4, V>(depth, a, a_row, a_column, b, b_row, c, c_row, add);
    case 3:
      return product_block<3, V>(depth, a, a_row, a_column, b, b_row, c, c_row, add);
    case 2:
      return product_block<2, V>(depth, a, a_row, a_column, b, b_row, c, c_row, add);
    case 1:
      return product_block<1, V>(depth, a, a_row, a_column, b, b_row, c, c_row, add);
  }
}

/// c [rows, columns] = a [rows, depth] b [depth, columns] (+ c). REQUIRES: columns a multiple of vector_width.
void product(int rows, int columns, int depth, const float* a, std::int64_t a_row, std::int64_t a_column,
             const float* b, std::int64_t b_row, float* c, std::int64_t c_row, bool add) {
  int j = 0;
  for (; j + 2 * vector_width <= columns; j += 2 * vector_width) {
    product_panel<2>(rows, depth, a, a_row, a_column, b + j, b_row, c + j, c_row, add);
  }
  if (j < columns) product_panel<1>(rows, depth, a, a_row, a_column, b + j, b_row, c + j, c_row, add);
}

void copy_rows(int rows, int width, const float* from, std::int64_t from_row, float* to, int to_row) {
  for (int r = 0; r < rows; ++r) {
    for (int k = 0; k < width; ++k) to[r * std::int64_t(to_row) + k] = from[r * from_row + k];
    for (int k = width; k < to_row; ++k) to[r * std::int64_t(to_row) + k] = 0;
  }
}

void add_rows(int rows, int width, const float* from, int from_row, float* to, std::int64_t to_row) {
  for (int r = 0; r < rows; ++r) {
    for (int k = 0; k < width; ++k) to[r * to_row + k] += from[r * std::int64_t(from_row) + k];
  }
}

/// Number of keys that a query sees.
DRAGOMAN_INLINE int visible(const AttentionBlock& block, int query) {
  const int last = query + 1 + (block.keys - block.queries);
  return block.causal && last < block.keys ? last : block.keys;
}

std::int64_t attention_scratch(int queries, int keys, int head_width) {
  const std::int64_t longest = queries > keys ? queries : keys, padded_keys = round_up(keys);
  const std::int64_t padded_width = round_up(head_width);
  return head_width * padded_keys + 2 * queries * padded_keys + 8 * longest * padded_width;
}

/// x [n, padded] = softmax of scale * x over the first n elements, 0 beyond.
DRAGOMAN_INLINE void softmax_row(float* x, int n, int padded, float scale) {
  const float most = row_maximum(n, x);
  Vector total{};
  for (int i = 0; i < padded; i += vector_width) {
    Vector e = exponential((load(x + i) - most) * scale);
    for (int j = n - i; j < vector_width; ++j) {
      if (j >= 0) e[j] = 0;
    }
    total += e;
    store(x + i, e);
  }
  const float inverse = 1.0f / sum(total);
  for (int i = 0; i < padded; i += vector_width) store(x + i, load(x + i) * inverse);
}

/// weights[i, j] = v.tanh(q_i + k_j), with k transposed to [head_width, padded].
DRAGOMAN_INLINE void additive_scores(const AttentionBlock& block, const float* transposed, int padded) {
  for (int i = 0; i < block.queries; ++i) {
    const float* q = block.q + i * block.q_stride;
    for (int j = 0; j < padded; j += vector_width) {
      Vector total{};
      for (int c = 0; c < block.head_width; ++c) {
        total += block.additive[c] * hyperbolic_tangent(q[c] + load(transposed + c * std::int64_t(padded) + j));
      }
      store(block.weights + i * block.weights_stride + j, total);
    }
  }
}

/// dq, dk and the gradient of v from that of the scores.
DRAGOMAN_INLINE void additive_gradient(const AttentionBlock& block, const float* dscores, int padded, float* dq,
                                       std::int64_t dq_stride, float* dk, std::int64_t dk_stride) {
  for (int i = 0; i < block.queries; ++i) {
    const float* d = dscores + i * std::int64_t(padded);
    for_each_vector(block.head_width, [&](std::int64_t at, int c) {
      const Vector q = load(block.q + i * block.q_stride + at, c), v = load(block.additive + at, c);
      Vector dquery = load(dq + i * dq_stride + at, c), dv = load(block.additive_gradient + at, c);
      for (int j = 0; j < block.keys; ++j) {
        const Vector t = hyperbolic_tangent(q + load(block.k + j * block.k_stride + at, c));
        const Vector inner = d[j] * v * (1.0f - t * t);
        dv += d[j] * t;
        dquery += inner;
        float* dkey = dk + j * dk_stride + at;
        store(dkey, load(dkey, c) + inner, c);
      }
      store(dq + i * dq_stride + at, dquery, c);
      store(block.additive_gradient + at, dv, c);
    });
  }
}

/// to = dropout(from) over the rows of a block's weights.
DRAGOMAN_INLINE void drop_weights(const AttentionBlock& block, const float* from, float* to, int padded) {
  for (int i = 0; i < block.queries; ++i) {
    const std::int64_t row = i * block.weights_stride;
    for (int j = 0; j < padded; j += vector_width) {
      const Vector factors = dropout_factors(block.first_element + std::uint32_t(row + j), block.dropout);
      store(to + i * std::int64_t(padded) + j, load(from + row + j) * factors);
    }
  }
}

void attention(const AttentionBlock& block, float* out, std::int64_t out_stride) {
  const int queries = block.queries, keys = block.keys, width = block.head_width;
  const int padded = round_up(keys), padded_width = round_up(width);
  float* transposed = block.scratch;
  float* dropped = transposed + std::int64_t(width) * padded;
  float* rest = dropped + 2 * std::int64_t(queries) * padded;
  transpose(keys, width, block.k, block.k_stride, transposed, padded);
  if (block.additive != nullptr) {
    additive_scores(block, transposed, padded);
  } else {
    product(queries, padded, width, block.q, block.q_stride, 1, transposed, padded, block.weights, block.weights_stride,
            false);
  }
  for (int i = 0; i < queries; ++i) {
    softmax_row(block.weights + i * block.weights_stride, visible(block, i), padded, block.scale);
  }
  const float* weights = block.weights;
  std::int64_t weights_stride = block.weights_stride;
  if (block.dropout.threshold != 0) {
    drop_weights(block, block.weights, dropped, padded);
    weights = dropped;
    weights_stride = padded;
  }
  if (width == padded_width) {
    product(queries, width, keys, weights, weights_stride, 1, block.v, block.v_stride, out, out_stride, false);
  } else {  // vectors would reach into the next head
    float* v = rest;
    float* padded_out = v + std::int64_t(keys) * padded_width;
    copy_rows(keys, width, block.v, block.v_stride, v, padded_width);
    product(queries, padded_width, keys, weights, weights_stride, 1, v, padded_width, padded_out, padded_width, false);
    for (int i = 0; i < queries; ++i) {
      for (int k = 0; k < width; ++k) out[i * out_stride + k] = padded_out[i * padded_width + k];
    }
  }
}

void attention_gradient(const AttentionBlock& block, const float* dout, std::int64_t dout_stride, float* dq,
                        std::int64_t dq_stride, float* dk, std::int64_t dk_stride, float* dv, std::int64_t dv_stride) {
  const int queries = block.queries, keys = block.keys, width = block.head_width;
  const int padded = round_up(keys), padded_width = round_up(width);
  const bool drops = block.dropout.threshold != 0;
  float* transposed = block.scratch;
  float* dropped = transposed + std::int64_t(width) * padded;
  float* dscores = dropped + std::int64_t(queries) * padded;
  float* rest = dscores + std::int64_t(queries) * padded;

  const float* weights = block.weights;
  std::int64_t weights_stride = block.weights_stride;
  if (drops) {
    drop_weights(block, block.weights, dropped, padded);
    weights = dropped;
    weights_stride = padded;
  }
  // d weights = dout v^T
  transpose(keys, width, block.v, block.v_stride, transposed, padded);
  product(queries, padded, width, dout, dout_stride, 1, transposed, padded, dscores, padded, false);
  // d scores = scale * weights * (d weights - sum(d weights * weights)), dropout being undone on the way
  for (int i = 0; i < queries; ++i) {
    float* d = dscores + i * std::int64_t(padded);
    const float* w = block.weights + i * block.weights_stride;
    Vector total{};
    for (int j = 0; j < padded; j += vector_width) {
      Vector g = load(d + j);
      if (drops) {
        g *= dropout_factors(block.first_element + std::uint32_t(i * block.weights_stride + j), block.dropout);
      }
      if (block.weights_gradient != nullptr) g += load(block.weights_gradient + i * block.weights_stride + j);
      store(d + j, g);
      total += g * load(w + j);
    }
    const float inner = sum(total);
    for (int j = 0; j < padded; j += vector_width) {
      store(d + j, block.scale * load(w + j) * (load(d + j) - inner));
    }
  }
  const bool additive = block.additive != nullptr;
  if (additive) additive_gradient(block, dscores, padded, dq, dq_stride, dk, dk_stride);
  if (width == padded_width) {
    product(keys, width, queries, weights, 1, weights_stride, dout, dout_stride, dv, dv_stride, true);
    if (additive) return;
    product(queries, width, keys, dscores, padded, 1, block.k, block.k_stride, dq, dq_stride, true);
    product(keys, width, queries, dscores, 1, padded, block.q, block.q_stride, dk, dk_stride, true);
  } else {
    const std::int64_t query_part = std::int64_t(queries) * padded_width, key_part = std::int64_t(keys) * padded_width;
    float* in = rest;
    float* out = rest + (query_part > key_part ? query_part : key_part);
    copy_rows(queries, width, dout, dout_stride, in, padded_width);
    product(keys, padded_width, queries, weights, 1, weights_stride, in, padded_width, out, padded_width, false);
    add_rows(keys, width, out, padded_width, dv, dv_stride);
    if (additive) return;
    copy_rows(keys, width, block.k, block.k_stride, in, padded_width);
    product(queries, padded_width, keys, dscores, padded, 1, in, padded_width, out, padded_width, false);
    add_rows(queries, width, out, padded_width, dq, dq_stride);
    copy_rows(queries, width, block.q, block.q_stride, in, padded_width);
    product(keys, padded_width, queries, dscores, 1, padded, in, padded_width, out, padded_width, false);
    add_rows(keys, width, out, padded_width, dk, dk_stride);
  }
}

/// weights[0 .. keys) = their softmax.
DRAGOMAN_INLINE void softmax_of_scores(float* weights, int keys, float scale) {
  const float most = row_maximum(keys, weights);
  Vector totals{};
  for_each_vector(keys, [&](std::int64_t i, int c) {
    const Vector e = exponential((load(weights + i, c) - most) * scale);
    store(weights + i, e, c);
    totals += load(weights + i, c);  // what lies beyond the last key is zero now
  });
  const float inverse = 1.0f / sum(totals);
  for_each_vector(keys, [&](std::int64_t i, int c) { store(weights + i, load(weights + i, c) * inverse, c); });
}

/// Keys are rows apart, often on pages of their own, where no processor foresees what comes next: it is the next head
/// of the same rows. (Beyond the last head nothing is wanted, and to prefetch it does no harm.)
template <int N>
DRAGOMAN_INLINE void prefetch_next_head(const float* row) {
  for (int n = 0; n < N; ++n) __builtin_prefetch(row + (N + n) * vector_width);
}

/// One head whose width is N vectors.
template <int N>
DRAGOMAN_INLINE void step_of_head(const float* q, const float* k, const float* v, std::int64_t stride, const int* slots,
                                  int keys, float scale, float* out, float* weights) {
  Vector query[N];
  for (int n = 0; n < N; ++n) query[n] = load(q + n * vector_width);
  for (int t = 0; t < keys; t += vector_width) {  // the sums of as many products at once, by a transposition
    const int count = keys - t < vector_width ? keys - t : vector_width;
    Vector products[vector_width] = {};
    for (int i = 0; i < count; ++i) {
      const float* key = k + (slots ? slots[t + i] : t + i) * stride;
      prefetch_next_head<N>(key);
      Vector total = query[0] * load(key);
      for (int n = 1; n < N; ++n) total += query[n] * load(key + n * vector_width);
      products[i] = total;
    }
    transpose_step<1>(products);
#pragma GCC unroll 16
    for (int i = 1; i < vector_width; ++i) products[0] += products[i];
    store(weights + t, products[0], count);
  }
  softmax_of_scores(weights, keys, scale);
  Vector sums[N] = {};
  for (int t = 0; t < keys; ++t) {
    const float* value = v + (slots ? slots[t] : t) * stride;
    prefetch_next_head<N>(value);
    for (int n = 0; n < N; ++n) sums[n] += weights[t] * load(value + n * vector_width);
  }
  for (int n = 0; n < N; ++n) store(out + n * vector_width, sums[n]);
}

void attention_step(int heads, int head_width, const float* q, const float* k, const float* v, std::int64_t stride,
                    const int* slots, int keys, float scale, const float* additive, float* out, float* weights) {
  const int vectors = head_width % vector_width == 0 && additive == nullptr ? head_width / vector_width : 0;
  if (vectors == 1 || vectors == 2 || vectors == 4) {
    for (int h = 0; h < heads; ++h) {
      const int at = h * head_width;
      if (vectors == 1)
        step_of_head<1>(q + at, k + at, v + at, stride, slots, keys, scale, out + at, weights + h * keys);
      if (vectors == 2)
        step_of_head<2>(q + at, k + at, v + at, stride, slots, keys, scale, out + at, weights + h * keys);
      if (vectors == 4)
        step_of_head<4>(q + at, k + at, v + at, stride, slots, keys, scale, out + at, weights + h * keys);
    }
    return;
  }
  for (int t = 0; t < keys; ++t) {
    const float* key = k + (slots ? slots[t] : t) * stride;
    for (int h = 0; h < heads; ++h) {
      Vector total{};
      for_each_vector(head_width, [&](std::int64_t i, int c) {
        const std::int64_t at = h * head_width + i;
        if (additive != nullptr) {
          total += load(additive + at, c) * hyperbolic_tangent(load(q + at, c) + load(key + at, c));
        } else {
          total += load(q + at, c) * load(key + at, c);
        }
      });
      weights[h * keys + t] = sum(total);
    }
  }
  for (int h = 0; h < heads; ++h) softmax_of_scores(weights + h * keys, keys, scale);
  for (int i = 0; i < heads * head_width; ++i) out[i] = 0;
  for (int t = 0; t < keys; ++t) {
    const float* value = v + (slots ? slots[t] : t) * stride;
    for (int h = 0; h < heads; ++h) {
      const float w = weights[h * keys + t];
      for_each_vector(head_width, [&](std::int64_t i, int c) {
        const std::int64_t at = h * head_width + i;
        store(out + at, load(out + at, c) + w * load(value + at, c), c);
      });
    }
  }
}

}  // namespace
}  // namespace dragoman::DRAGOMAN_ISA
