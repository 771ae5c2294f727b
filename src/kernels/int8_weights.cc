#include "kernels/int8_weights.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <utility>

#include "kernels/kernels.h"

namespace dragoman {
namespace {

constexpr std::size_t cache_line = 64;
constexpr int block = 16;         // outputs that lie together
constexpr int whole = 4 * block;  // outputs that are computed together

int round_up(int n, int multiple) { return (n + multiple - 1) / multiple * multiple; }

/// Rows of weights, filled up with zeros.
using Gathered = std::vector<std::int8_t>;

void gather(std::span<const std::int8_t* const> rows, int inputs, int padded_inputs, Gathered& to) {
  to.resize(std::size_t(block) * std::size_t(padded_inputs));
  for (std::size_t i = 0; i < block; ++i) {
    std::int8_t* row = to.data() + i * std::size_t(padded_inputs);
    const int filled = i < rows.size() ? inputs : 0;
    if (filled > 0) std::memcpy(row, rows[i], std::size_t(filled));
    std::memset(row + filled, 0, std::size_t(padded_inputs - filled));
  }
}

/// Takes what neighbours of one sign have above `limit` out of one of them.
void take_outliers(Gathered& rows, int padded_inputs, int first_output, int limit, std::vector<Int8Outlier>& outliers) {
  for (int i = 0; i < block; ++i) {
    std::int8_t* row = rows.data() + std::size_t(i) * std::size_t(padded_inputs);
    for (int k = 0; k < padded_inputs; k += 2) {
      const int a = row[k], b = row[k + 1], sum = a + b;
      if (std::abs(sum) <= limit || (a < 0) != (b < 0)) continue;
      const int rest = sum > 0 ? sum - limit : sum + limit;
      row[k] = static_cast<std::int8_t>(a - rest);
      outliers.push_back({.input = k, .output = first_output + i, .rest = rest});
    }
  }
}

}  // namespace

Int8Weights::Int8Weights(int outputs, int inputs, std::span<const std::int8_t> rows, std::vector<float> scales,
                         std::vector<Part> parts, std::shared_ptr<const void> owner)
    : outputs_(outputs),
      inputs_(inputs),
      rows_(rows),
      scales_(std::move(scales)),
      parts_(std::move(parts)),
      owner_(std::move(owner)) {
  assert(rows_.size() == std::size_t(outputs) * std::size_t(inputs));
  assert((scales_.size() == 1 || scales_.size() == std::size_t(outputs)) && !parts_.empty() && parts_[0].first == 0);
}

Int8Weights::InputStatistics Int8Weights::input_statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

void Int8Weights::row_values(int output, float factor, float* y) const {
  const std::int8_t* numbers = row(output).data();
  const float each = scale(output) * factor;
  for (int i = 0; i < inputs_; ++i) y[i] = float(numbers[i]) * each;
}

const Int8Weights::Packed& Int8Weights::packed() const {
  std::call_once(once_, [this] {
    std::vector<int> all(static_cast<std::size_t>(outputs_));
    std::iota(all.begin(), all.end(), 0);
    packed_ = std::make_unique<const Packed>(*this, all);
  });
  return *packed_;
}

Int8Weights::Packed::Packed(const Int8Weights& weights, std::span<const int> outputs, const KernelTable& kernels)
    : kernels_(&kernels),
      of_(&weights),
      inputs_(weights.inputs_),
      padded_inputs_(round_up(weights.inputs_, kernels.int8_inputs)),
      outputs_(int(outputs.size())) {
  assert(weights.parts_.size() == 1 || outputs_ == weights.outputs_);
  std::size_t size = 0, sums = 0;
  for (std::size_t i = 0; i < weights.parts_.size(); ++i) {
    const int first = weights.parts_[i].first;
    const int end = i + 1 < weights.parts_.size() ? weights.parts_[i + 1].first : outputs_;
    parts_.push_back({.first = first,
                      .outputs = end - first,
                      .weights = size,
                      .sums = sums,
                      .activation_scale = weights.parts_[i].activation_scale});
    sums += std::size_t(round_up(end - first, whole));
    size = sums * std::size_t(padded_inputs_);
  }
  memory_.resize(size + cache_line);
  weights_ = memory_.data() + (cache_line - reinterpret_cast<std::uintptr_t>(memory_.data()) % cache_line) % cache_line;
  sums_.assign(sums, 0);
  for (PackedPart& part : parts_) {
    pack(part, outputs);
    for (int i = 0; i < part.outputs; ++i) {
      const float scale = weights.scale(outputs[std::size_t(part.first + i)]);
      factors_.push_back(part.activation_scale > 0 ? scale / part.activation_scale : scale);
    }
  }
}

void Int8Weights::Packed::pack(PackedPart& part, std::span<const int> outputs) {
  const KernelTable& k = *kernels_;
  const std::size_t most_outliers = std::size_t(part.outputs) * std::size_t(inputs_) / 256;
  thread_local Gathered gathered;
  part.split = k.int8_pair_limit > 0;
  part.outliers.reserve(1);  // null would mean that weights are whole
  for (int done = 0; done < part.outputs; done += block) {
    const std::int8_t* rows[block];
    const int count = std::min(block, part.outputs - done);
    for (int i = 0; i < count; ++i) rows[i] = of_->row(outputs[std::size_t(part.first + done + i)]).data();
    gather({rows, std::size_t(count)}, inputs_, padded_inputs_, gathered);
    k.int8_row_sums(block, padded_inputs_, gathered.data(), sums_.data() + part.sums + done);
    if (part.split) {
      take_outliers(gathered, padded_inputs_, done, k.int8_pair_limit, part.outliers);
      if (part.outliers.size() > most_outliers) {  // they would take longer than they save: begin again
        part.split = false;
        part.outliers.clear();
        done = -block;
        continue;
      }
      if (done % (2 * block) != 0 || done + block >= part.outputs)
        part.outlier_offsets.push_back(int(part.outliers.size()));
    }
    const int fours = padded_inputs_ / 4;  // the transpose of what is seen as numbers of four bytes
    std::int8_t* to = weights_ + part.weights + std::size_t(done) * std::size_t(padded_inputs_);
    k.transpose(block, fours, reinterpret_cast<const float*>(gathered.data()), fours, reinterpret_cast<float*>(to),
                block);
  }
}

void Int8Weights::Packed::multiply(const Matrix& a, const float* bias, bool relu, const MutableMatrix& c) const {
  assert(a.columns == inputs_ && c.columns == outputs_ && a.rows == c.rows);
  constexpr int most_rows = 64;  // so that what they become stays in a near cache
  thread_local std::vector<std::int8_t> numbers;
  thread_local std::vector<float> row_factors;
  const std::size_t stride = std::size_t(round_up(padded_inputs_, int(cache_line))) + cache_line;
  numbers.resize(std::max(numbers.size(), most_rows * stride));
  row_factors.resize(most_rows);
  const KernelTable& k = *kernels_;
  for (int first = 0; first < a.rows; first += most_rows) {
    const int rows = std::min(most_rows, a.rows - first);
    float done = -1;  // the scale that `numbers` has
    for (const PackedPart& part : parts_) {
      if (part.activation_scale != done) {
        for (int r = 0; r < rows; ++r) {
          const float* row = a.data + (first + r) * a.stride;
          std::int8_t* to = numbers.data() + std::size_t(r) * stride;
          float scale = part.activation_scale;
          if (scale == 0) {
            const float most = k.largest_magnitude(inputs_, row);
            scale = most > 0 ? 127.0f / most : 1.0f;
            row_factors[std::size_t(r)] = most > 0 ? most / 127.0f : 1.0f;
            if (of_->watched_) {
              const std::lock_guard lock(of_->mutex_);
              ++of_->statistics_.rows;
              of_->statistics_.sum += double(most);
              of_->statistics_.squares += double(most) * double(most);
            }
          }
          k.quantize(inputs_, row, scale, k.int8_shift, to);
          std::fill(to + inputs_, to + padded_inputs_, std::int8_t(0));  // times weights of 0
        }
        done = part.activation_scale;
      }
      k.int8_product({.rows = rows,
                      .inputs = padded_inputs_,
                      .outputs = part.outputs,
                      .a = numbers.data(),
                      .a_stride = std::int64_t(stride),
                      .weights = weights_ + part.weights,
                      .weight_sums = sums_.data() + part.sums,
                      .factors = factors_.data() + part.first,
                      .row_factors = part.activation_scale == 0 ? row_factors.data() : nullptr,
                      .bias = bias != nullptr ? bias + part.first : nullptr,
                      .relu = relu,
                      .c = c.data + first * c.stride + part.first,
                      .c_stride = c.stride,
                      .outliers = part.split ? part.outliers.data() : nullptr,
                      .outlier_offsets = part.outlier_offsets.data()});
    }
  }
}

}  // namespace dragoman
