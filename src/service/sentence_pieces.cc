#include "service/sentence_pieces.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dragoman {
namespace {

/// Which piece each token became: tokens that stand for nothing are of the piece after them, at the end of the last.
struct Merged {
  std::vector<std::string> pieces;
  std::vector<int> piece_of_token;
};

Merged merge_empty(std::span<const std::string> texts) {
  Merged result;
  for (const std::string& text : texts) {
    result.piece_of_token.push_back(int(result.pieces.size()));
    if (!text.empty()) result.pieces.push_back(text);
  }
  for (int& piece : result.piece_of_token) piece = std::max(0, std::min(piece, int(result.pieces.size()) - 1));
  return result;
}

/// What tokens contribute. Lines of a translation end where lines of the source do, nowhere else.
std::vector<std::string> surfaces_of(const Vocabulary& vocabulary, std::span<const TokenId> tokens) {
  std::vector<std::string> texts = vocabulary.surfaces(tokens);
  for (std::string& text : texts) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
  }
  return texts;
}

std::string whole(std::span<const std::string> pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

}  // namespace

std::string PiecedTranslation::text() const { return whole(target); }

std::vector<std::string> texts_of(std::string_view text, std::span<const Segment> segments) {
  std::vector<std::string> texts;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::size_t end = i + 1 == segments.size() ? text.size() : segments[i].end;
    texts.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  if (segments.empty() && !text.empty()) texts.emplace_back(text);
  return texts;
}

std::vector<std::string> target_pieces(const Vocabulary& vocabulary, std::span<const TokenId> tokens, int* settled) {
  const Merged merged = merge_empty(surfaces_of(vocabulary, tokens));
  if (settled != nullptr && *settled < int(tokens.size())) {
    *settled = merged.piece_of_token[std::size_t(*settled)];
  } else if (settled != nullptr) {
    *settled = int(merged.pieces.size());
  }
  return merged.pieces;
}

PiecedTranslation with_pieces(std::string_view text, std::span<const Segment> segments, const Vocabulary& target,
                              const Hypothesis& hypothesis) {
  return with_pieces(text, segments, surfaces_of(target, hypothesis.tokens), hypothesis);
}

PiecedTranslation with_pieces(std::string_view text, std::span<const Segment> segments,
                              std::span<const std::string> target_texts, const Hypothesis& hypothesis) {
  Merged from = merge_empty(texts_of(text, segments)), to = merge_empty(target_texts);
  PiecedTranslation result{.source = std::move(from.pieces),
                           .target = std::move(to.pieces),
                           .log_probability = hypothesis.log_probability,
                           .tokens = int(hypothesis.tokens.size()) + 1};
  if (hypothesis.attention.empty()) return result;
  const std::size_t columns = result.source.size(), seen = hypothesis.attention.size() / std::size_t(result.tokens);
  result.weights.assign(result.target.size() * columns, 0.0f);
  std::vector<int> tokens_of(result.target.size(), 0);
  for (std::size_t t = 0; t < hypothesis.tokens.size() && !result.target.empty(); ++t) {
    ++tokens_of[std::size_t(to.piece_of_token[t])];
  }
  for (std::size_t t = 0; t < hypothesis.tokens.size() && !result.target.empty(); ++t) {
    const std::size_t row = std::size_t(to.piece_of_token[t]);
    for (std::size_t s = 0; s < std::min(segments.size(), seen); ++s) {
      const std::size_t column = std::size_t(from.piece_of_token[s]);
      result.weights[row * columns + column] += hypothesis.attention[t * seen + s] / float(tokens_of[row]);
    }
  }
  return result;
}

PiecedTranslation joined(std::vector<PiecedTranslation> parts, std::span<const std::string> spaces) {
  if (parts.size() == 1) return std::move(parts.front());
  PiecedTranslation result;
  std::size_t columns = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) columns += parts[i].source.size() + (i > 0 && !spaces[i - 1].empty());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    PiecedTranslation& part = parts[i];
    if (i > 0 && !spaces[i - 1].empty()) {
      result.source.push_back(spaces[i - 1]);
      if (!result.target.empty() && !part.target.empty()) {
        result.target.emplace_back(" ");
        if (!part.weights.empty()) result.weights.resize(result.weights.size() + columns);
      }
    }
    for (std::size_t t = 0; t < part.target.size() && !part.weights.empty(); ++t) {
      const std::size_t row = result.weights.size();
      result.weights.resize(row + columns);
      std::copy_n(part.weights.begin() + std::ptrdiff_t(t * part.source.size()), part.source.size(),
                  result.weights.begin() + std::ptrdiff_t(row + result.source.size()));
    }
    std::move(part.source.begin(), part.source.end(), std::back_inserter(result.source));
    std::move(part.target.begin(), part.target.end(), std::back_inserter(result.target));
    result.log_probability += part.log_probability;
    result.tokens += part.tokens;
  }
  return result;
}

PiecedTranslation composed(const PiecedTranslation& first, const PiecedTranslation& second) {
  PiecedTranslation result{.source = first.source,
                           .target = second.target,
                           .log_probability = first.log_probability + second.log_probability,
                           .tokens = first.tokens + second.tokens};
  if (first.weights.empty() || second.weights.empty()) return result;
  const std::size_t sources = first.source.size(), targets = second.target.size(), middles = second.source.size();
  // What a piece of the pivot, as the second model sees it, looks at: of each of its bytes the first model's piece.
  std::vector<float> of_middle(middles * sources, 0.0f);
  std::size_t piece = 0, left = first.target.empty() ? 0 : first.target[0].size();
  for (std::size_t m = 0; m < middles; ++m) {
    for (std::size_t byte = 0; byte < second.source[m].size() && piece < first.target.size(); ++byte) {
      for (std::size_t s = 0; s < sources; ++s) {
        of_middle[m * sources + s] += first.weights[piece * sources + s] / float(second.source[m].size());
      }
      if (--left == 0 && ++piece < first.target.size()) left = first.target[piece].size();
    }
  }
  result.weights.assign(targets * sources, 0.0f);
  for (std::size_t t = 0; t < targets; ++t) {
    for (std::size_t m = 0; m < middles; ++m) {
      const float weight = second.weights[t * middles + m];
      for (std::size_t s = 0; weight > 0 && s < sources; ++s) {
        result.weights[t * sources + s] += weight * of_middle[m * sources + s];
      }
    }
  }
  return result;
}

std::vector<AlignmentLink> links_of(const PiecedTranslation& translation) {
  constexpr float least = 0.02f;
  std::vector<AlignmentLink> links;
  const std::size_t columns = translation.source.size();
  for (std::size_t i = 0; i < translation.weights.size(); ++i) {
    const float weight = translation.weights[i];
    if (weight < least) continue;
    links.push_back({.source = int(i % columns), .target = int(i / columns), .weight = std::min(weight, 1.0f)});
  }
  return links;
}

}  // namespace dragoman
