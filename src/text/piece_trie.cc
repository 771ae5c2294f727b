#include "text/piece_trie.h"

#include <algorithm>
#include <cstddef>

namespace dragoman {

PieceTrie::PieceTrie(std::vector<std::pair<std::string_view, int>> texts) : nodes_(1) {
  std::sort(texts.begin(), texts.end());
  // Breadth first: each node stands for the range of texts that share the path to it.
  struct Range {
    std::size_t begin, end, depth;
  };
  std::vector<Range> ranges = {{0, texts.size(), 0}};  // of each node
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    auto [begin, end, depth] = ranges[n];
    if (begin < end && texts[begin].first.size() == depth) nodes_[n].number = texts[begin++].second;
    nodes_[n].first_child = std::uint32_t(nodes_.size());
    while (begin < end) {
      const auto byte = static_cast<unsigned char>(texts[begin].first[depth]);
      std::size_t next = begin;
      while (next < end && static_cast<unsigned char>(texts[next].first[depth]) == byte) ++next;
      Node node;
      node.byte = byte;
      nodes_.push_back(node);
      ranges.push_back({begin, next, depth + 1});
      ++nodes_[n].children;
      begin = next;
    }
  }
}

const PieceTrie::Node* PieceTrie::child(const Node& node, unsigned char byte) const {
  const auto begin = nodes_.begin() + std::ptrdiff_t(node.first_child);
  const auto end = begin + node.children;
  const auto found = std::lower_bound(begin, end, byte, [](const Node& n, unsigned char b) { return n.byte < b; });
  return found != end && found->byte == byte ? &*found : nullptr;
}

}  // namespace dragoman
