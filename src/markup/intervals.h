#pragma once
// Ranges of a text that do not overlap, for asking which places they cover.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace dragoman {

class Intervals {
 public:
  void add(std::size_t begin, std::size_t end) { ranges_.emplace_back(begin, end); }
  /// To be called when all are added.
  void sort() { std::sort(ranges_.begin(), ranges_.end()); }
  /// Whether one of them and [begin, end) have a byte in common.
  bool overlap(std::size_t begin, std::size_t end) const {
    const auto next =
        std::partition_point(ranges_.begin(), ranges_.end(), [&](const auto& r) { return r.second <= begin; });
    return next != ranges_.end() && next->first < end;
  }

 private:
  std::vector<std::pair<std::size_t, std::size_t>> ranges_;
};

}  // namespace dragoman
