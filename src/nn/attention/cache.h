#pragma once
// What a decoder remembers of the tokens before: keys and values per layer, shared by the rows of a beam.

#include <span>
#include <vector>

#include "nn/attention/slot_memory.h"

namespace dragoman {

/// Keys and values of target tokens in numbered slots. Each row (hypothesis) has a list of slots, its past; when a beam
/// is reordered only these lists move, and slots that no row remembers are used again.
class DecoderCache {
 public:
  DecoderCache() = default;
  DecoderCache(int layers, int width, int rows) : width_(width), stored_(layers), past_(rows) {}

  int rows() const { return int(past_.size()); }
  int length(int row) const { return int(past_[row].size()); }

  /// Takes slots for new tokens, offsets[r + 1] - offsets[r] of them for row r. Call once per step, before any layer
  /// stores.
  void extend(std::span<const int> offsets);

  /// Copies the keys and values [tokens, 2 width] of the new tokens into their slots. Rows are `stride` apart.
  void store(int layer, const float* keys, const float* values, long stride);

  /// Number of tokens that the newest step gave a row, and where among all of that step they begin, rows() + 1 numbers.
  int fresh(int row) const { return newest_offsets_[row + 1] - newest_offsets_[row]; }
  std::span<const int> newest_offsets() const { return newest_offsets_; }

  /// Slots of a row from its first token to its newest.
  std::span<const int> slots(int row) const { return past_[row]; }

  /// Slot s of a layer: width keys, then width values, at data(layer) + s * 2 * width.
  const float* data(int layer) const { return stored_[layer].data(); }

  /// Row i continues the past of old row parents[i].
  void reorder(std::span<const int> parents);

  /// A cache of one row with that row's past.
  DecoderCache only(int row) const;

  /// Forgets the last tokens of a row that shares none of them.
  void forget(int row, int tokens);

  std::size_t bytes() const;

 private:
  int width_ = 0;
  int slot_count_ = 0;
  std::vector<SlotMemory> stored_;      ///< per layer, [slots, 2 width]
  std::vector<std::vector<int>> past_;  ///< per row
  std::vector<int> free_;               ///< slots to use again
  std::vector<int> newest_;             ///< slots of the newest step's tokens
  std::vector<int> newest_offsets_;     ///< of the rows among them
};

}  // namespace dragoman
