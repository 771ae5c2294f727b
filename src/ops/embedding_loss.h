#pragma once
// The distance of output vectors from embeddings, for models that learn to predict vectors.

#include <span>

#include "autograd/context.h"

namespace dragoman {

/// The sum over tokens of |h_t - e_t|^2, where h_t is row t of hidden [tokens, width] and e_t row targets[t] of table
/// [words, width], the embedding of the reference (as Kumar and Tsvetkov 2019 compare them; the table's row itself,
/// without the factor that embedded words get). While recording, gradient_scale times the gradient goes to hidden here
/// and now. The table gets none: vectors and embeddings that learned to be near each other would both shrink to 0.
double embedding_error(const Context& ctx, Tensor hidden, Tensor table, std::span<const int> targets,
                       float gradient_scale);

}  // namespace dragoman
