// All vector kernels for one instruction set; see cmake/kernels.cmake.

#include "kernels/attention.isa.h"
#include "kernels/elementwise.isa.h"
#include "kernels/int8.isa.h"
#include "kernels/loss.isa.h"
#include "kernels/norm.isa.h"
#include "kernels/recurrent.isa.h"

#define DRAGOMAN_TEXT(x) #x
#define DRAGOMAN_NAME(x) DRAGOMAN_TEXT(x)

namespace dragoman::DRAGOMAN_ISA {

extern const KernelTable table;
const KernelTable table = {
    .name = DRAGOMAN_NAME(DRAGOMAN_ISA),
    .vector_width = vector_width,
#if defined(__AMX_INT8__)
    .int8_inputs = 64,
#else
    .int8_inputs = 4,
#endif
    .int8_shift = int8_shift,
#if defined(__AVX2__) && !defined(__AVX512VNNI__)
    .int8_pair_limit = 128,  // 255 * 128 fits into 16 bits
#else
    .int8_pair_limit = 0,
#endif
    .scale_add = scale_add,
    .dropout = dropout,
    .residual_dropout = residual_dropout,
    .activation = activation,
    .activation_gradient = activation_gradient,
    .transpose = transpose,
    .to_bfloat16 = to_bfloat16,
    .quantize = quantize,
    .largest_magnitude = largest_magnitude,
    .int8_row_sums = int8_row_sums,
    .int8_product = int8_product,
    .column_sums = column_sums,
    .layer_norm = layer_norm,
    .layer_norm_gradient = layer_norm_gradient,
    .log_softmax = log_softmax,
    .softmax_loss = softmax_loss,
    .symmetric_divergence = symmetric_divergence,
    .attention_scratch = attention_scratch,
    .attention = attention,
    .attention_gradient = attention_gradient,
    .attention_step = attention_step,
    .gru = gru,
    .gru_gradient = gru_gradient,
    .lstm = lstm,
    .lstm_gradient = lstm_gradient,
    .gated_sum = gated_sum,
    .gated_sum_gradient = gated_sum_gradient,
    .adam = adam,
};

}  // namespace dragoman::DRAGOMAN_ISA
