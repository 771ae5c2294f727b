#pragma once
// Finds all pieces that begin at a place in a text.

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman {

/// A trie of byte strings, each with a number. Made quickly, so that a program can begin.
class PieceTrie {
 public:
  using Text = std::pair<std::string_view, int>;

  /// Texts need not be sorted, but must not be empty and must outlive this. Of equal ones any counts.
  explicit PieceTrie(std::vector<Text> texts);

  /// Calls `found(length, number)` for each of the texts that `where` begins with, the shortest first.
  template <class Found>
  void prefixes(std::string_view where, Found&& found) const {
    if (where.empty()) return;
    const std::int32_t first = first_[static_cast<unsigned char>(where[0])];
    const Node* node = first < 0 ? nullptr : &nodes_[std::size_t(first)];
    for (std::size_t i = 1; node != nullptr; ++i) {
      if (node->children == only_a_tail) {
        const std::string_view tail = tails_[node->first_child];
        if (where.substr(i).starts_with(tail)) found(i + tail.size(), int(node->number));
        return;
      }
      if (node->number >= 0) found(i, int(node->number));
      if (i == where.size()) return;
      node = child(*node, static_cast<unsigned char>(where[i]));
    }
  }
  /// The number of a text; -1: it is not there.
  int find(std::string_view text) const;

  bool empty() const { return nodes_.empty(); }
  /// The number of a text that is there twice; -1: none is.
  int repeated() const { return repeated_; }

 private:
  static constexpr std::uint16_t only_a_tail = 0xFFFF;

  struct Node {
    std::uint32_t first_child = 0;  ///< children are consecutive, sorted by byte; or an index of tails_
    std::uint16_t children = 0;     ///< or only_a_tail, where the rest of a single text follows
    std::uint8_t byte = 0;
    std::int32_t number = -1;
  };
  const Node* child(const Node& node, unsigned char byte) const;

  std::vector<Node> nodes_;
  std::vector<std::string_view> tails_;
  std::array<std::int32_t, 256> first_;  ///< nodes by first byte; -1: none
  int repeated_ = -1;
};

}  // namespace dragoman
