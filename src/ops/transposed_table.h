#pragma once
// The table of an output layer turned round, so that a product with it reads rows as they lie in memory.

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace dragoman {

/// W^T [width, vocabulary] of a table W [vocabulary, width], as W was when fill() was called last.
class TransposedTable {
 public:
  explicit TransposedTable(const Tensor& table);

  /// Copies part `index` of `count`; different threads may do different parts at a time.
  void fill(const Tensor& table, int index, int count);

  const float* data() const { return values_.data(); }
  std::int64_t stride() const { return stride_; }

 private:
  std::int64_t stride_;  ///< the vocabulary rounded up to whole vectors
  std::vector<float> values_;
};

}  // namespace dragoman
