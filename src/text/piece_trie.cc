#include "text/piece_trie.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace dragoman {
namespace {

using Text = PieceTrie::Text;

constexpr std::size_t key_bytes = 8;

/// The first bytes of a text as a number; the order of such numbers is that of the texts, as far as they tell.
std::uint64_t key_of(std::string_view text) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < key_bytes; ++i) {
    key = key << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0u);
  }
  return key;
}

/// Sorts texts: by their first bytes, from the last of these to the first, which takes a time linear in their number,
/// and the few that have those in common by comparing them.
void sort(std::vector<Text>& texts) {
  struct Keyed {
    std::uint64_t key;
    std::size_t index;
  };
  std::vector<Keyed> keys, scratch(texts.size());
  keys.reserve(texts.size());
  for (const Text& text : texts) keys.push_back({key_of(text.first), keys.size()});
  for (std::size_t shift = 0; shift < 8 * key_bytes; shift += 8) {
    std::array<std::size_t, 257> begin{};
    for (const Keyed& keyed : keys) ++begin[(keyed.key >> shift & 0xFF) + 1];
    for (std::size_t byte = 0; byte < 256; ++byte) begin[byte + 1] += begin[byte];
    for (const Keyed& keyed : keys) scratch[begin[keyed.key >> shift & 0xFF]++] = keyed;
    keys.swap(scratch);
  }
  std::vector<Text> sorted;
  sorted.reserve(texts.size());
  for (const Keyed& keyed : keys) sorted.push_back(texts[keyed.index]);
  for (std::size_t first = 0; first < keys.size();) {
    std::size_t end = first + 1;
    while (end < keys.size() && keys[end].key == keys[first].key) ++end;
    std::sort(sorted.begin() + std::ptrdiff_t(first), sorted.begin() + std::ptrdiff_t(end));
    first = end;
  }
  texts = std::move(sorted);
}

}  // namespace

PieceTrie::PieceTrie(std::vector<Text> texts) {
  first_.fill(-1);
  assert(std::none_of(texts.begin(), texts.end(), [](const Text& text) { return text.first.empty(); }));
  sort(texts);
  // Breadth first: each node stands for the range of texts that share the path to it.
  struct Range {
    std::size_t begin, end, depth;
  };
  std::vector<Range> ranges;  // of each node
  nodes_.reserve(texts.size() + texts.size() / 2);
  ranges.reserve(nodes_.capacity());
  const auto add_children = [&](std::size_t begin, std::size_t end, std::size_t depth) {
    while (begin < end) {
      const auto byte = static_cast<unsigned char>(texts[begin].first[depth]);
      std::size_t next = begin + 1;
      while (next < end && static_cast<unsigned char>(texts[next].first[depth]) == byte) ++next;
      nodes_.push_back({.byte = byte});
      ranges.push_back({begin, next, depth + 1});
      begin = next;
    }
  };
  add_children(0, texts.size(), 0);
  for (std::size_t n = 0; n < nodes_.size(); ++n) first_[nodes_[n].byte] = std::int32_t(n);
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    auto [begin, end, depth] = ranges[n];
    if (end - begin == 1 && texts[begin].first.size() > depth) {
      nodes_[n].first_child = std::uint32_t(tails_.size());
      nodes_[n].children = only_a_tail;
      nodes_[n].number = texts[begin].second;
      tails_.push_back(texts[begin].first.substr(depth));
      continue;
    }
    for (; begin < end && texts[begin].first.size() == depth; ++begin) {
      if (nodes_[n].number >= 0) repeated_ = texts[begin].second;
      nodes_[n].number = texts[begin].second;
    }
    const std::size_t first = nodes_.size();
    add_children(begin, end, depth);
    nodes_[n].first_child = std::uint32_t(first);
    nodes_[n].children = std::uint16_t(nodes_.size() - first);
  }
}

int PieceTrie::find(std::string_view text) const {
  int result = -1;
  prefixes(text, [&](std::size_t length, int number) {
    if (length == text.size()) result = number;
  });
  return result;
}

const PieceTrie::Node* PieceTrie::child(const Node& node, unsigned char byte) const {
  const Node* begin = nodes_.data() + node.first_child;
  const Node* end = begin + node.children;
  constexpr std::ptrdiff_t few = 8;
  while (end - begin > few) {  // halves, as long as there are many
    const Node* middle = begin + (end - begin) / 2;
    (middle->byte > byte ? end : begin) = middle;
  }
  while (begin != end && begin->byte < byte) ++begin;
  return begin != end && begin->byte == byte ? begin : nullptr;
}

}  // namespace dragoman
