#pragma once
// Rows in another order, side by side, or one below the other.

#include <span>

#include "autograd/context.h"

namespace dragoman {

/// Some columns of a gathered result.
struct GatheredPart {
  Tensor tensor;              ///< [any number of rows, width]
  std::span<const int> rows;  ///< which row of it is row i of the result
};

/// Row i of the result is row rows[i] of each part, side by side: [rows, sum of widths]. All parts name equally many
/// rows, which must live until the backward pass (as must the parts' array).
Tensor gather(const Context& ctx, std::span<const GatheredPart> parts);

/// The same of one tensor: y[i] = x[rows[i]].
Tensor gather_rows(const Context& ctx, Tensor x, std::span<const int> rows);

/// Tensors with equally many rows side by side.
Tensor join_columns(const Context& ctx, std::span<const Tensor> parts);

/// `count` rows of x from `first` on.
Tensor slice_rows(const Context& ctx, Tensor x, int first, int count);

/// All rows of some tensors of one width, one tensor below the other. The array must live until the backward pass.
Tensor stack_rows(const Context& ctx, std::span<const Tensor> parts);

}  // namespace dragoman
