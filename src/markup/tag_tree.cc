#include "markup/tag_tree.h"

#include <algorithm>

namespace dragoman {
namespace {

bool is_space_at(std::string_view text, std::size_t at) { return at < text.size() && text[at] == ' '; }

/// Tags at boundaries between words, one after another.
class Placer {
 public:
  Placer(const std::vector<InlineTag>& tags, std::string_view text, const std::vector<Word>& words,
         std::string_view translation)
      : tags_(tags), text_(text), words_(words), translation_(translation) {}

  void open(int tag, int boundary) {
    const std::size_t at = tags_[std::size_t(tag)].begin;
    const bool space_inside = is_space_at(text_, at) && at > 0 && !is_space_at(text_, at - 1);
    add(tag, space_inside ? behind_word(boundary) : before_word(boundary));
  }
  void close(int tag, int boundary) {
    const std::size_t at = tags_[std::size_t(tag)].begin;
    const bool space_inside = at > 0 && is_space_at(text_, at - 1) && !is_space_at(text_, at);
    add(tag, space_inside ? before_word(boundary) : behind_word(boundary));
  }
  void single(int tag, int boundary) {
    add(tag, tags_[std::size_t(tag)].touches_before ? behind_word(boundary) : before_word(boundary));
  }
  std::vector<PlacedTag> finish() { return std::move(placed_); }

 private:
  std::size_t before_word(int boundary) const {
    return std::size_t(boundary) < words_.size() ? words_[std::size_t(boundary)].begin : translation_.size();
  }
  std::size_t behind_word(int boundary) const { return boundary > 0 ? words_[std::size_t(boundary) - 1].end : 0; }
  void add(int tag, std::size_t at) {
    at_ = std::max(at_, at);
    placed_.push_back({tag, at_, at_});
  }

  const std::vector<InlineTag>& tags_;
  std::string_view text_;
  const std::vector<Word>& words_;
  std::string_view translation_;
  std::size_t at_ = 0;
  std::vector<PlacedTag> placed_;
};

}  // namespace

std::vector<TagNode> tag_tree(const std::vector<InlineTag>& tags, std::string_view text) {
  std::vector<TagNode> nodes = {{.tag = -1, .end = text.size(), .has_words = true}};
  std::vector<std::size_t> words(text.size() + 1, 0);  // bytes that are no space, before each place
  for (std::size_t i = 0; i < text.size(); ++i) words[i + 1] = words[i] + (text[i] == ' ' ? 0 : 1);
  int inside = 0;
  for (int i = 0; i < int(tags.size()); ++i) {
    const InlineTag& tag = tags[std::size_t(i)];
    if (tag.kind == InlineTag::Kind::close) {
      inside = nodes[std::size_t(inside)].parent;
    } else if (tag.kind != InlineTag::Kind::element) {
      TagNode node = {.tag = i, .parent = inside, .begin = tag.begin, .end = tag.begin};
      if (tag.kind == InlineTag::Kind::open) {
        node.close = tag.partner;
        node.end = tags[std::size_t(tag.partner)].begin;
        node.has_words = words[node.end] > words[node.begin];
      }
      nodes[std::size_t(inside)].children.push_back(int(nodes.size()));
      if (node.close >= 0) inside = int(nodes.size());
      nodes.push_back(std::move(node));
    }
  }
  return nodes;
}

std::vector<PlacedTag> place_tags(const std::vector<InlineTag>& tags, std::string_view text,
                                  const std::vector<TagNode>& nodes, const std::vector<Word>& words,
                                  std::string_view translation) {
  Placer placer(tags, text, words, translation);
  struct Visit {
    int node;
    std::size_t next = 0;
    std::vector<int> children;
  };
  const auto visit = [&](int index) {
    Visit result = {index, 0, nodes[std::size_t(index)].children};
    std::stable_sort(result.children.begin(), result.children.end(), [&](int a, int b) {
      const TagNode &x = nodes[std::size_t(a)], &y = nodes[std::size_t(b)];
      if (x.first != y.first) return x.first < y.first;
      return x.first == x.last && y.first < y.last;  // what is between two words comes before the second
    });
    return result;
  };
  std::vector<Visit> stack = {visit(0)};
  while (!stack.empty()) {
    Visit& top = stack.back();
    const TagNode& node = nodes[std::size_t(top.node)];
    if (top.next < top.children.size()) {
      const int child = top.children[top.next++];
      const TagNode& next = nodes[std::size_t(child)];
      if (next.close < 0) {
        placer.single(next.tag, next.first);
      } else {
        placer.open(next.tag, next.first);
        stack.push_back(visit(child));
      }
      continue;
    }
    if (node.close >= 0) placer.close(node.close, node.last);
    stack.pop_back();
  }
  return placer.finish();
}

}  // namespace dragoman
