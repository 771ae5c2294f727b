#pragma once
// Memory that grows with a translation and is used again for the next.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace dragoman {

/// Floats whose number grows, as a vector's, but new ones are not set to zero, and what is given back stays with the
/// thread: asking the system for megabytes at each batch, and having them cleared, would cost more than their use.
class SlotMemory {
 public:
  SlotMemory() = default;
  /// Of this size and no larger, for what is kept for long.
  explicit SlotMemory(std::size_t size) : block_{std::make_unique_for_overwrite<float[]>(size), size}, size_(size) {}
  SlotMemory(const SlotMemory& other) : SlotMemory(other.size_) { std::copy_n(other.data(), other.size_, data()); }
  SlotMemory(SlotMemory&& other) noexcept { swap(other); }
  SlotMemory& operator=(SlotMemory other) noexcept {
    swap(other);
    return *this;
  }
  ~SlotMemory() { give_back(std::move(block_)); }

  std::size_t size() const { return size_; }
  float* data() { return block_.floats.get(); }
  const float* data() const { return block_.floats.get(); }

  /// Makes the size at least `size`.
  void grow(std::size_t size) {
    if (size > block_.capacity) {
      Block larger = take(size, std::max(size, 2 * block_.capacity));
      std::copy_n(data(), size_, larger.floats.get());
      std::swap(block_, larger);
      give_back(std::move(larger));
    }
    size_ = std::max(size_, size);
  }

 private:
  struct Block {
    std::unique_ptr<float[]> floats = {};
    std::size_t capacity = 0;
  };

  void swap(SlotMemory& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(size_, other.size_);
  }

  static std::vector<Block>& spare() {
    thread_local std::vector<Block> blocks;
    return blocks;
  }

  /// The largest spare block if it has `enough`, or a new one of `wanted`.
  static Block take(std::size_t enough, std::size_t wanted) {
    auto& blocks = spare();
    const auto largest = std::max_element(blocks.begin(), blocks.end(),
                                          [](const Block& a, const Block& b) { return a.capacity < b.capacity; });
    if (largest == blocks.end() || largest->capacity < enough) {
      return {std::make_unique_for_overwrite<float[]>(wanted), wanted};
    }
    Block found = std::move(*largest);
    blocks.erase(largest);
    return found;
  }

  static void give_back(Block block) noexcept {
    constexpr std::size_t most = 64;
    if (block.capacity > 0 && spare().size() < most) spare().push_back(std::move(block));
  }

  Block block_;
  std::size_t size_ = 0;
};

}  // namespace dragoman
