#pragma once
// Pairs of lines kept in memory, and the order that a seed puts them in.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "text/pair_reader.h"
#include "text/temp_file.h"

namespace dragoman {

/// A pair whose text lies elsewhere.
struct PairView {
  std::string_view source, target;
  std::int64_t line = 0;
  std::size_t index = 0;  ///< how many pairs were added before it
  std::string_view alignment = {};

  std::size_t bytes() const { return source.size() + target.size() + alignment.size(); }
};

/// Where a line comes in a shuffled order: pairs are sorted by this number. It depends on nothing but the generator
/// and the line number, so any part of a corpus can be put in order alone, and parts by ranges of keys.
inline std::uint64_t shuffle_key(const Random& order, std::int64_t line) {
  return order.fork(std::uint64_t(line)).next();
}

/// Pairs in memory, in the order added or shuffled.
class PairStore {
 public:
  void add(const PairView& pair);
  void clear() { *this = PairStore(); }

  std::size_t size() const { return records_.size(); }
  /// Bytes that the pairs take, with all that is kept about them.
  std::size_t memory() const { return bytes_ + records_.size() * overhead; }
  /// What pairs take that are `bytes` long together with `record_header` each.
  static std::size_t memory_of(std::uint64_t bytes, std::int64_t pairs) {
    return bytes + std::size_t(pairs) * overhead;
  }

  /// Sorts by shuffle_key (and by line, should two keys be equal).
  void shuffle(const Random& order);
  /// The pair at a place of the present order.
  PairView at(std::size_t place) const;

 private:
  static constexpr std::size_t overhead = 32;  // a pointer (in a vector that may be half full) and its place in order_
  static constexpr std::size_t block_bytes = 1 << 20;
  struct Place {
    std::uint64_t key;
    std::size_t index;
  };

  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_left_ = 0;
  char* block_next_ = nullptr;
  std::size_t bytes_ = 0;
  std::vector<const char*> records_;
  std::vector<Place> order_;  ///< empty: as added
};

/// Appends a pair to a file, with `record_header` bytes more than its text.
void write_pair(TempFile& file, const PairView& pair);
inline constexpr std::size_t record_header = 20;

/// Reads the pairs of a file in the order written.
class PairFileReader {
 public:
  explicit PairFileReader(const TempFile& file) : reader_(file) {}
  /// The next pair, valid until the next call; false at the end.
  bool next(PairView& pair);

 private:
  TempFile::Reader reader_;
  std::string text_;
};

}  // namespace dragoman
