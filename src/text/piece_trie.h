#pragma once
// Finds all pieces that begin at a place in a text.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman {

/// A trie of byte strings, each with a number.
class PieceTrie {
 public:
  /// Texts need not be sorted, but must be distinct and not empty.
  explicit PieceTrie(std::vector<std::pair<std::string_view, int>> texts);

  /// Calls `found(length, number)` for each of the texts that `where` begins with, the shortest first.
  template <class Found>
  void prefixes(std::string_view where, Found&& found) const {
    const Node* node = &nodes_[0];
    for (std::size_t i = 0; i < where.size(); ++i) {
      node = child(*node, static_cast<unsigned char>(where[i]));
      if (node == nullptr) return;
      if (node->number >= 0) found(i + 1, node->number);
    }
  }
  bool empty() const { return nodes_.size() == 1; }

 private:
  struct Node {
    std::uint32_t first_child = 0;  ///< children are consecutive, sorted by byte
    std::uint16_t children = 0;
    std::uint8_t byte = 0;
    std::int32_t number = -1;
  };
  const Node* child(const Node& node, unsigned char byte) const;

  std::vector<Node> nodes_;
};

}  // namespace dragoman
