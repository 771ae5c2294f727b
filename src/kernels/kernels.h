#pragma once
// Our own vector kernels: everything between the matrix products. Each exists once per instruction set; kernels()
// gives the set for this processor. Plain C-like signatures: pointers, sizes, strides in numbers of floats.

#include <cstdint>

namespace dragoman {

enum class Activation { relu, gelu, swish, tanh, sigmoid, gelu_tanh, gelu_sigmoid };

/// Which elements dropout zeroes: a function of the seed and the element's index, so no mask is ever stored.
struct DropoutMask {
  std::uint32_t seed[2] = {0, 0};
  std::uint32_t threshold = 0;  ///< an element is dropped if 24 random bits are below this; 0: no dropout
  float scale = 1;              ///< of the elements that are kept: 1 / (1 - p)
};

/// One head of attention of one sentence. Rows of q, k, v and of the outputs lie `*_stride` apart.
struct AttentionBlock {
  int queries, keys, head_width;
  const float *q, *k, *v;
  std::int64_t q_stride, k_stride, v_stride;
  float scale;     ///< of q.k (or of the additive score) before the softmax
  bool causal;     ///< query i sees keys 0 .. i + (keys - queries) only
  float* weights;  ///< [queries, weights_stride]: the softmax, before dropout
  std::int64_t weights_stride;
  DropoutMask dropout;          ///< on the weights
  std::uint32_t first_element;  ///< index of weights[0] for dropout
  float* scratch;               ///< attention_scratch floats
  /// Null: the score of a query and a key is q.k. Else [head_width], v of the additive score v.tanh(q + k).
  const float* additive = nullptr;
  float* additive_gradient = nullptr;  ///< of v, added to
  /// As weights: what losses of the weights themselves add to their gradient; may be null.
  const float* weights_gradient = nullptr;
};

/// What is minimised of a row of logits with the softmax p, where y is the target's one-hot vector: a weighted sum of
/// cross-entropies and the squared error.
struct RowLoss {
  float cross_entropy = 1;               ///< weight of the cross-entropy of p with the smoothed reference
  float smoothing = 0;                   ///< share of the reference that is spread over the whole row
  float squared_error = 0;               ///< weight of sum (p - y)^2
  const float* extra_weights = nullptr;  ///< [rows]: weights of one more -log p(target), not smoothed; may be null
  float gradient_scale = 0;              ///< above 0: the logits become this times the derivative
};

/// What of a weight is not among the others (see Int8Product::outliers): the whole weight is that one plus `rest`.
struct Int8Outlier {
  int input, output;
  int rest;
};

/// c = (a b^T) factors row_factors + bias, then relu, where a and b are integers from -127 to 127. What a row becomes
/// does not depend on the others.
struct Int8Product {
  int rows, inputs, outputs;  ///< inputs: a multiple of 4; of 64 where that is faster (see KernelTable)
  /// [rows, inputs], shifted by int8_shift. Rows may be read, whatever is there, up to a multiple of 16.
  const std::int8_t* a;
  std::int64_t a_stride;  ///< from row to row; rows a power of 2 apart would push each other out of the cache
  /// Blocks of 16 outputs, filled up with zeros to a multiple of 4 blocks: [blocks][inputs / 4][16][4].
  const std::int8_t* weights;
  const std::int32_t* weight_sums;  ///< of each output's whole weights; as many as the blocks have
  const float* factors;             ///< [outputs]
  const float* row_factors;         ///< [rows], or null: 1
  const float* bias;                ///< [outputs], or null
  bool relu;
  float* c;
  std::int64_t c_stride;
  /// Only if int8_pair_limit is above 0; null: weights are whole, whatever their size. Else neighbours (inputs 2i and
  /// 2i + 1) of one sign add up to no more than that limit, and what was too much stands here: ordered by blocks of 32
  /// outputs, of which block i has those from outlier_offsets[i] to outlier_offsets[i + 1].
  const Int8Outlier* outliers = nullptr;
  const int* outlier_offsets = nullptr;
};

struct KernelTable {
  const char* name;     ///< baseline, avx2, avx512, vnni or amx
  int vector_width;     ///< floats in a vector
  int int8_inputs;      ///< int8_product is fastest if its number of inputs is a multiple of this
  int int8_shift;       ///< 0, or 128: what the rows of int8_product are shifted by, which makes them unsigned
  int int8_pair_limit;  ///< 0, or what neighbouring weights of one sign may add up to for the faster int8_product

  /// y = alpha x + beta y; beta 0 does not read y.
  void (*scale_add)(std::int64_t n, float alpha, const float* x, float beta, float* y);
  /// y = dropout(x) + beta y, for both directions of dropout.
  void (*dropout)(std::int64_t n, const float* x, float beta, float* y, const DropoutMask& mask);
  /// y = x + dropout(f).
  void (*residual_dropout)(std::int64_t n, const float* x, const float* f, float* y, const DropoutMask& mask);
  /// y = dropout(a(x)).
  void (*activation)(Activation kind, std::int64_t n, const float* x, float* y, const DropoutMask& mask);
  /// dx = dropout(dy) a'(x) + beta dx.
  void (*activation_gradient)(Activation kind, std::int64_t n, const float* x, const float* dy, float beta, float* dx,
                              const DropoutMask& mask);
  /// to [width, to_row] = the transpose of from [rows, width]; columns beyond `rows` up to the next multiple of
  /// vector_width become zero.
  void (*transpose)(int rows, int width, const float* from, std::int64_t from_row, float* to, std::int64_t to_row);
  /// y = x rounded to the nearest bfloat16 (ties to even), as its 16 bits; NaN stays NaN.
  void (*to_bfloat16)(std::int64_t n, const float* x, std::uint16_t* y);
  /// y = x * scale rounded to the nearest integer (ties to even), at least -127 and at most 127; plus
  /// shift, 0 or 128, modulo 256.
  void (*quantize)(std::int64_t n, const float* x, float scale, int shift, std::int8_t* y);
  /// The largest |x|, 0 if n is 0.
  float (*largest_magnitude)(std::int64_t n, const float* x);
  /// sums[r] = sum of row r of x [rows, width].
  void (*int8_row_sums)(int rows, int width, const std::int8_t* x, std::int32_t* sums);
  void (*int8_product)(const Int8Product& product);
  /// sums[j] += sum over rows of x[r, j].
  void (*column_sums)(std::int64_t rows, int width, const float* x, float* sums);

  /// y = scale (x - mean) / sqrt(variance + epsilon) + bias for each row of `width` floats, of which the next one
  /// begins `stride` floats later, in y too; keeps mean and 1 / sqrt(.) per row. bias may be null: zero.
  void (*layer_norm)(std::int64_t rows, int width, std::int64_t stride, const float* x, const float* scale,
                     const float* bias, float epsilon, float* y, float* mean, float* inverse_deviation);
  /// dx = gradient + beta dx; dscale and dbias (may be null) are added to. dx may be dy.
  void (*layer_norm_gradient)(std::int64_t rows, int width, std::int64_t stride, const float* x, const float* scale,
                              const float* mean, const float* inverse_deviation, const float* dy, float beta, float* dx,
                              float* dscale, float* dbias);

  /// Each row of x becomes its log-softmax.
  void (*log_softmax)(std::int64_t rows, std::int64_t width, float* x);
  /// The loss of each row: losses[r] gets the weighted sum, cross_entropies[r] -log p(target) without smoothing. With
  /// loss.gradient_scale > 0 the logits become the gradient, and their column sums are added to bias_gradient (unless
  /// it is null).
  void (*softmax_loss)(std::int64_t rows, std::int64_t width, float* logits, const int* targets, const RowLoss& loss,
                       float* losses, float* cross_entropies, float* bias_gradient);
  /// divergences[r] = KL(p || q) + KL(q || p) of the softmaxes p of a's row and q of b's; da and db become scale times
  /// its derivatives with respect to the logits a and b.
  void (*symmetric_divergence)(std::int64_t rows, std::int64_t width, const float* a, const float* b, float scale,
                               float* divergences, float* da, float* db);

  /// Floats of scratch that the two kernels below need.
  std::int64_t (*attention_scratch)(int queries, int keys, int head_width);
  /// out = dropout(softmax(scale q k^T)) v, [queries, head_width]; fills block.weights.
  void (*attention)(const AttentionBlock& block, float* out, std::int64_t out_stride);
  void (*attention_gradient)(const AttentionBlock& block, const float* dout, std::int64_t dout_stride, float* dq,
                             std::int64_t dq_stride, float* dk, std::int64_t dk_stride, float* dv,
                             std::int64_t dv_stride);
  /// Attention of one query, all heads: key and value t lie at k + slots[t] * stride and v + slots[t] * stride
  /// (slots null: at t * stride). weights: [heads, keys] scratch that holds the softmax afterwards. additive: null, or
  /// [heads * head_width] as in AttentionBlock.
  void (*attention_step)(int heads, int head_width, const float* q, const float* k, const float* v, std::int64_t stride,
                         const int* slots, int keys, float scale, const float* additive, float* out, float* weights);

  /// One step of a gated recurrent unit (Cho et al. 2014) in the form of cuDNN and PyTorch, whose reset gate scales the
  /// product: r = s(x_r + h_r), z = s(x_z + h_z), n = tanh(x_n + r (h_n + bias)), out = (1 - z) n + z previous, where x
  /// [rows, 3 width] is the input's share (r, z, n) and hidden [rows, 3 width] the previous state's product. hidden,
  /// bias and previous may be null: zero. kept: null, or [rows, 4 width] for the gradient.
  void (*gru)(int rows, int width, const float* x, const float* hidden, const float* bias, const float* previous,
              float* out, float* kept);
  /// dx and dprevious (may be null) are added to, dhidden is written; what flows through hidden to previous is not in
  /// dprevious.
  void (*gru_gradient)(int rows, int width, const float* kept, const float* previous, const float* dout, float* dx,
                       float* dhidden, float* dprevious);
  /// One step of long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000):
  /// cell = s(f) previous_cell + s(i) tanh(g), out = s(o) tanh(cell); x and hidden [rows, 4 width] hold i, f, g, o.
  /// hidden and previous_cell may be null: zero. kept: null, or [rows, 5 width] for the gradient.
  void (*lstm)(int rows, int width, const float* x, const float* hidden, const float* previous_cell, float* out,
               float* cell, float* kept);
  /// dcell: what comes to `cell` from later steps. dx and dprevious_cell (may be null) are added to, dhidden is
  /// written.
  void (*lstm_gradient)(int rows, int width, const float* kept, const float* previous_cell, const float* dout,
                        const float* dcell, float* dx, float* dhidden, float* dprevious_cell);
  /// Rows one after another in time: state = s(gate) state + (1 - s(gate)) x, out[row] = state. kept_gate: null, or
  /// [rows, width] that receives s(gate).
  void (*gated_sum)(int rows, int width, const float* x, const float* gate, float* state, float* out, float* kept_gate);
  /// The way back from a state that was 0 at first. carried [width]: the gradient that comes from later rows, 0 at
  /// first. dx and dgate are added to.
  void (*gated_sum_gradient)(int rows, int width, const float* x, const float* kept_gate, const float* out,
                             const float* dout, float* carried, float* dx, float* dgate);

  /// One pass of Adam (Kingma and Ba 2015): see train/optimizer.h. step_size includes both bias corrections' factors.
  void (*adam)(std::int64_t n, float* values, const float* gradients, float* first, float* second, float gradient_scale,
               float beta1, float beta2, float step_size, float second_correction, float epsilon, float l2,
               float decoupled_decay);
};

/// The kernels for this processor: the widest that it has, or as the environment variable DRAGOMAN_MAX_ISA (baseline,
/// avx2, avx512, vnni, amx) or ONEDNN_MAX_CPU_ISA limits it.
const KernelTable& kernels();

/// All sets that this processor can run, narrowest first; their number is returned.
constexpr int kernel_sets = 5;
int available_kernels(const KernelTable* tables[kernel_sets]);

}  // namespace dragoman
