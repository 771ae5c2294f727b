#include "markup/projection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "markup/aligned_words.h"
#include "markup/intervals.h"
#include "markup/tag_tree.h"
#include "text/cleaning.h"

namespace dragoman {
namespace {

constexpr double weight_of_same = 4;        // bytes that are the same in both texts decide against attention
constexpr double reach = 15;                // bytes, after which a word says less about the place of a tag
constexpr double least_weight = 0.1;        // of a word that a single tag goes to
constexpr std::size_t most_work = 1 << 25;  // beyond, tags go where their parents begin

std::string shown(const std::string& raw) {
  std::string text = raw;
  cut_at_character(text, 60);
  return text.size() < raw.size() ? text + "..." : text;
}

struct Span {
  int first = 0, last = 0;
  double score = -INFINITY;
};

/// The span within [first, last) whose values have the largest sum, at least one; the shortest of equals.
Span largest_sum(const std::vector<double>& values, int first, int last) {
  Span best;
  double sum = 0;
  int begin = first;
  for (int i = first; i < last; ++i) {
    if (sum <= 0) {
      sum = 0;
      begin = i;
    }
    sum += values[std::size_t(i)];
    if (sum > best.score) best = {begin, i + 1, sum};
  }
  return best;
}

class Projector {
 public:
  Projector(const std::vector<InlineTag>& tags, const AlignedText& text, const std::vector<KeptRange>& kept)
      : tags_(tags),
        source_(text.source()),
        target_(text.target()),
        source_words_(words_of(source_)),
        words_(text, kept, cuts()),
        nodes_(tag_tree(tags, source_)) {
    for (const KeptRange& range : kept) kept_.add(range.source_begin, range.source_end);
    kept_.sort();
  }

  std::vector<PlacedTag> run() {
    nodes_[0].last = words_.size();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      place_pairs(int(i));
      place_others(int(i));
    }
    return place_tags(tags_, source_, nodes_, words_.words(), target_);
  }
  std::vector<std::string> problems() { return std::move(problems_); }

 private:
  std::vector<std::size_t> cuts() const {
    std::vector<std::size_t> result;
    for (const InlineTag& tag : tags_) {
      if (tag.kind != InlineTag::Kind::element) result.push_back(tag.begin);
    }
    return result;
  }

  /// For each word of the translation what comes from inside a pair minus what comes from outside.
  std::vector<double> inside_minus_outside(const TagNode& node) const {
    return words_.sum(
        [&](std::size_t begin, std::size_t end) {
          const std::size_t from = std::max(begin, node.begin), to = std::min(end, node.end);
          const double inside = from < to ? double(to - from) / double(end - begin) : 0;
          return 2 * inside - 1;
        },
        weight_of_same);
  }

  bool may_work() {
    work_ += words_.cost();
    return work_ <= most_work;
  }

  /// Places the pairs in a node that have words, the surest first.
  void place_pairs(int parent) {
    const int first = nodes_[std::size_t(parent)].first, last = nodes_[std::size_t(parent)].last;
    struct Candidate {
      int node;
      double sureness;
    };
    std::vector<Candidate> candidates;
    for (const int child : nodes_[std::size_t(parent)].children) {
      TagNode& node = nodes_[std::size_t(child)];
      if (!node.has_words) continue;
      node.first = node.last = first;
      if (first == last || !may_work()) {
        report(node, "found no word to enclose");
        continue;
      }
      if (is_all_of(node, nodes_[std::size_t(parent)])) {
        node.last = last;
        continue;
      }
      const Span best = largest_sum(inside_minus_outside(node), first, last);
      candidates.push_back({child, best.score / (best.last - best.first)});
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.sureness > b.sureness; });
    std::vector<Span> free = {{first, last}};
    for (const Candidate& candidate : candidates) {
      TagNode& node = nodes_[std::size_t(candidate.node)];
      const std::vector<double> values = inside_minus_outside(node);
      Span best;
      std::size_t gap = free.size();
      for (std::size_t i = 0; i < free.size(); ++i) {
        if (free[i].first == free[i].last) continue;
        const Span span = largest_sum(values, free[i].first, free[i].last);
        if (span.score <= best.score) continue;
        best = span;
        gap = i;
      }
      if (gap == free.size()) {
        report(node, "found no word to enclose");
        continue;
      }
      if (best.score < 0) report(node, "encloses a word that is hardly its own");
      fit_punctuation(node, free[gap], best);
      node.first = best.first;
      node.last = best.last;
      const Span behind = {best.last, free[gap].last};
      free[gap].last = best.first;
      free.insert(free.begin() + std::ptrdiff_t(gap) + 1, behind);
    }
  }

  bool is_all_of(const TagNode& node, const TagNode& parent) const {
    const auto blank = [&](std::size_t begin, std::size_t end) {
      return std::all_of(source_.begin() + std::ptrdiff_t(begin), source_.begin() + std::ptrdiff_t(end),
                         [](char c) { return c == ' '; });
    };
    return blank(parent.begin, node.begin) && blank(node.end, parent.end);
  }

  /// Punctuation that is none of a placeholder's.
  bool is_sign(int word) const {
    const Word& place = words_.words()[std::size_t(word)];
    return !words_.is_same(word) &&
           is_punctuation(std::string_view(target_).substr(place.begin, place.end - place.begin));
  }
  bool is_source_sign(const Word& word) const {
    return !kept_.overlap(word.begin, word.end) &&
           is_punctuation(std::string_view(source_).substr(word.begin, word.end - word.begin));
  }

  /// Takes punctuation at the edges of a span in or leaves it out, as the source does.
  void fit_punctuation(const TagNode& node, const Span& room, Span& span) const {
    const auto begin = std::lower_bound(source_words_.begin(), source_words_.end(), node.begin,
                                        [](const Word& word, std::size_t at) { return word.begin < at; });
    const auto end = std::lower_bound(begin, source_words_.end(), node.end,
                                      [](const Word& word, std::size_t at) { return word.begin < at; });
    if (begin == end) return;
    const bool sign_first = is_source_sign(*begin), sign_last = is_source_sign(*std::prev(end));
    if (!sign_last) {
      while (span.last - span.first > 1 && is_sign(span.last - 1)) --span.last;
    } else if (span.last < room.last && is_sign(span.last) && !is_sign(span.last - 1)) {
      ++span.last;
    }
    if (!sign_first) {
      while (span.last - span.first > 1 && is_sign(span.first)) ++span.first;
    } else if (span.first > room.first && is_sign(span.first - 1) && !is_sign(span.first)) {
      --span.first;
    }
  }

  /// Places single tags and pairs without words, between words of the node that no pair in it encloses.
  void place_others(int parent) {
    const TagNode& around = nodes_[std::size_t(parent)];
    std::vector<bool> allowed(std::size_t(around.last - around.first) + 1, true);
    for (const int child : around.children) {
      const TagNode& node = nodes_[std::size_t(child)];
      for (int i = node.first + 1; node.has_words && i < node.last; ++i) allowed[std::size_t(i - around.first)] = false;
    }
    int earliest = around.first;  // halves of pairs stay in order
    for (const int child : around.children) {
      TagNode& node = nodes_[std::size_t(child)];
      if (node.has_words) continue;
      int place = around.first;
      if (around.first < around.last && may_work()) place = place_of(node, around, allowed);
      if (tags_[std::size_t(node.tag)].half) {
        while (place < earliest || !allowed[std::size_t(place - around.first)]) ++place;
        earliest = place;
      }
      node.first = node.last = place;
    }
  }

  int place_of(const TagNode& node, const TagNode& around, const std::vector<bool>& allowed) const {
    const InlineTag& tag = tags_[std::size_t(node.tag)];
    const bool single = tag.kind == InlineTag::Kind::single;
    if (single && tag.touches_before != tag.touches_after) {
      const auto word = neighbour(node.begin, tag.touches_before);
      const auto found = word ? best_word(*word, around, tag.touches_before) : std::nullopt;
      if (found) {
        const int place = *found + (tag.touches_before ? 1 : 0);
        if (allowed[std::size_t(place - around.first)]) return place;
      }
    }
    const std::vector<double> before = words_.sum(
        [&](std::size_t begin, std::size_t end) {
          const double middle = 0.5 * double(begin + end), place = double(node.begin);
          return std::exp(-std::abs(middle - place) / reach) * (middle < place ? 1 : -1);
        },
        1);
    double sum = 0, best = -INFINITY;
    int place = around.first;
    for (int i = around.first; i <= around.last; ++i) {
      if (allowed[std::size_t(i - around.first)] && sum > best + 1e-9) {
        best = sum;
        place = i;
      }
      if (i < around.last) sum += before[std::size_t(i)];
    }
    return place;
  }

  /// The word of the source that ends or begins at a place.
  std::optional<Word> neighbour(std::size_t at, bool before) const {
    const auto next = std::lower_bound(source_words_.begin(), source_words_.end(), at,
                                       [](const Word& word, std::size_t place) { return word.begin < place; });
    if (!before) return next == source_words_.end() ? std::nullopt : std::optional(*next);
    return next == source_words_.begin() ? std::nullopt : std::optional(*std::prev(next));
  }

  /// The word of a span that has most of a word of the source; the last or first of equals.
  std::optional<int> best_word(const Word& source, const TagNode& span, bool last) const {
    const std::vector<double> share = words_.sum(
        [&](std::size_t begin, std::size_t end) {
          const std::size_t from = std::max(begin, source.begin), to = std::min(end, source.end);
          return from < to ? double(to - from) / double(end - begin) : 0;
        },
        1);
    const auto begin = share.begin() + span.first, end = share.begin() + span.last;
    auto best = std::max_element(begin, end);
    if (best == end || *best < least_weight) return {};
    while (last && std::next(best) != end && *std::next(best) >= *best) ++best;
    return int(best - share.begin());
  }

  void report(const TagNode& node, const char* what) {
    problems_.push_back(fmt::format("the tag {} {}", shown(tags_[std::size_t(node.tag)].raw), what));
  }

  const std::vector<InlineTag>& tags_;
  Intervals kept_;  ///< in the source
  const std::string source_, target_;
  const std::vector<Word> source_words_;
  const AlignedWords words_;
  std::vector<TagNode> nodes_;
  std::size_t work_ = 0;
  std::vector<std::string> problems_;
};

/// Where an element is in the translation; none if it was not kept.
std::optional<Word> kept_place(const InlineTag& tag, const std::vector<KeptRange>& kept) {
  for (const KeptRange& range : kept) {
    if (range.source_begin > tag.begin || tag.end > range.source_end) continue;
    const std::size_t begin = range.target_begin + (tag.begin - range.source_begin);
    return Word{begin, begin + (tag.end - tag.begin)};
  }
  return {};
}

}  // namespace

Projection project_tags(const std::vector<InlineTag>& tags, const AlignedText& translation,
                        const std::vector<KeptRange>& kept) {
  Projection result;
  result.marked.text = translation.target();
  if (tags.empty()) return result;
  Projector projector(tags, translation, kept);
  result.marked.tags = projector.run();
  result.problems = projector.problems();
  if (translation.links.empty()) result.problems.push_back("tags are placed without an alignment");

  std::vector<PlacedTag>& placed = result.marked.tags;
  for (int i = 0; i < int(tags.size()); ++i) {
    if (tags[std::size_t(i)].kind != InlineTag::Kind::element) continue;
    const auto place = kept_place(tags[std::size_t(i)], kept);
    if (!place) {  // its text was translated like any other
      placed.push_back({i, result.marked.text.size(), result.marked.text.size()});
      result.problems.push_back(fmt::format("{} could not be kept in its place", shown(tags[std::size_t(i)].raw)));
      continue;
    }
    const auto next =
        std::find_if(placed.begin(), placed.end(), [&](const PlacedTag& other) { return other.begin > place->begin; });
    placed.insert(next, {i, place->begin, place->end});
  }
  return result;
}

}  // namespace dragoman
