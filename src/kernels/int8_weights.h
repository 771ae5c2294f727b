#pragma once
// Weights of eight bits, and products with them that are exact in integers.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "kernels/gemm.h"
#include "kernels/kernels.h"

namespace dragoman {

/// A matrix of integers from -127 to 127, one row of `inputs` for each output, that stand for integer * scale.
///
/// In products the other factor is rounded to eight bits too: x becomes round(x * activation scale) with the scale that
/// its output's part has, or if that is 0 with 127 / max |x| of its own row. The integer product is exact on every
/// processor, and a row's result does not depend on the rows computed with it.
class Int8Weights {
 public:
  /// Outputs from `first` on take their input at this scale (Marian's QuantMultA); 0: each row's own.
  struct Part {
    int first = 0;
    float activation_scale = 0;
  };

  /// Views `rows` [outputs, inputs], which `owner` keeps alive. scales: one for each output, or one for all. parts: at
  /// least one, ascending from 0. REQUIRES: sizes fit; no number is -128.
  Int8Weights(int outputs, int inputs, std::span<const std::int8_t> rows, std::vector<float> scales,
              std::vector<Part> parts, std::shared_ptr<const void> owner);

  int outputs() const { return outputs_; }
  int inputs() const { return inputs_; }
  std::span<const std::int8_t> rows() const { return rows_; }
  std::span<const std::int8_t> row(int output) const {
    return rows_.subspan(std::size_t(output) * std::size_t(inputs_), std::size_t(inputs_));
  }
  float scale(int output) const { return scales_.size() == 1 ? scales_[0] : scales_[std::size_t(output)]; }
  std::span<const Part> parts() const { return parts_; }

  /// What the largest magnitudes of rows that come into products are like.
  struct InputStatistics {
    std::int64_t rows = 0;
    double sum = 0, squares = 0;
  };
  /// From now on products with each row's own scale keep statistics of their inputs.
  void watch_inputs() const { watched_ = true; }
  InputStatistics input_statistics() const;

  /// y = the numbers that a row stands for, times factor, [inputs].
  void row_values(int output, float factor, float* y) const;

  /// What products need: the rows in the order in which they are read.
  class Packed {
   public:
    Packed(const Int8Weights& weights, std::span<const int> outputs, const KernelTable& kernels = dragoman::kernels());
    Packed(Packed&&) = default;
    Packed& operator=(Packed&&) = default;

    int outputs() const { return outputs_; }
    /// c [rows, outputs] = a W^T + bias, then relu. bias [outputs] or null.
    void multiply(const Matrix& a, const float* bias, bool relu, const MutableMatrix& c) const;

   private:
    struct PackedPart {
      int first, outputs;   ///< in c
      std::size_t weights;  ///< where its blocks begin
      std::size_t sums;     ///< where its sums begin
      float activation_scale;
      bool split = false;  ///< whether its outliers stand apart
      std::vector<Int8Outlier> outliers = {};
      std::vector<int> outlier_offsets = {0};
    };
    void pack(PackedPart& part, std::span<const int> outputs);
    const KernelTable* kernels_;
    const Int8Weights* of_;
    int inputs_, padded_inputs_, outputs_;
    std::vector<PackedPart> parts_;
    std::vector<std::int8_t> memory_;
    std::int8_t* weights_;  ///< in memory_, where a cache line begins
    std::vector<std::int32_t> sums_;
    std::vector<float> factors_;
  };

  /// Of all rows, made when first asked for.
  const Packed& packed() const;
  /// Of some rows, in this order. REQUIRES: only one part.
  Packed packed(std::span<const int> outputs) const { return {*this, outputs}; }

 private:
  int outputs_, inputs_;
  std::span<const std::int8_t> rows_;
  std::vector<float> scales_;
  std::vector<Part> parts_;
  std::shared_ptr<const void> owner_;
  mutable std::atomic<bool> watched_ = false;
  mutable std::mutex mutex_;
  mutable InputStatistics statistics_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<const Packed> packed_;
};

}  // namespace dragoman
