#include "nn/attention/cache.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace dragoman {

void DecoderCache::extend(std::span<const int> offsets) {
  assert(int(offsets.size()) == rows() + 1);
  newest_.clear();
  newest_offsets_.assign(offsets.begin(), offsets.end());
  for (int row = 0; row < rows(); ++row) {
    for (int i = offsets[row]; i < offsets[row + 1]; ++i) {
      int slot = slot_count_;
      if (free_.empty()) {
        ++slot_count_;
      } else {
        slot = free_.back();
        free_.pop_back();
      }
      newest_.push_back(slot);
      past_[row].push_back(slot);
    }
  }
  for (SlotMemory& layer : stored_) layer.grow(std::size_t(slot_count_) * 2 * std::size_t(width_));
}

void DecoderCache::store(int layer, const float* keys, const float* values, long stride) {
  for (std::size_t i = 0; i < newest_.size(); ++i) {
    float* slot = stored_[layer].data() + std::size_t(newest_[i]) * 2 * width_;
    std::copy_n(keys + long(i) * stride, width_, slot);
    std::copy_n(values + long(i) * stride, width_, slot + width_);
  }
}

void DecoderCache::reorder(std::span<const int> parents) {
  std::vector<std::vector<int>> past;
  past.reserve(parents.size());
  for (const int parent : parents) past.push_back(past_[parent]);
  past_ = std::move(past);
  std::vector<char> used(slot_count_, 0);
  for (const auto& slots : past_) {
    for (const int slot : slots) used[slot] = 1;
  }
  free_.clear();
  for (int slot = slot_count_ - 1; slot >= 0; --slot) {
    if (!used[slot]) free_.push_back(slot);
  }
}

DecoderCache DecoderCache::only(int row) const {
  DecoderCache result(int(stored_.size()), width_, 1);
  const std::size_t size = 2 * std::size_t(width_);
  for (std::size_t layer = 0; layer < stored_.size(); ++layer) {
    result.stored_[layer] = SlotMemory(size * past_[row].size());
    float* to = result.stored_[layer].data();
    for (const int slot : past_[row]) {
      to = std::copy_n(stored_[layer].data() + std::size_t(slot) * size, size, to);
    }
  }
  result.slot_count_ = length(row);
  for (int slot = 0; slot < result.slot_count_; ++slot) result.past_[0].push_back(slot);
  return result;
}

void DecoderCache::forget(int row, int tokens) {
  for (; tokens > 0; --tokens) {
    free_.push_back(past_[row].back());
    past_[row].pop_back();
  }
}

std::size_t DecoderCache::bytes() const {
  std::size_t sum = 0;
  for (const auto& layer : stored_) sum += layer.size() * sizeof(float);
  for (const auto& slots : past_) sum += slots.size() * sizeof(int);
  return sum;
}

}  // namespace dragoman
