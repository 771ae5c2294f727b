#include "text/subword_sampler.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <queue>

namespace dragoman {
namespace {

using PieceType = SentencePieceModel::PieceType;

std::vector<std::pair<std::string_view, int>> pieces_of_type(const SentencePieceModel& model, PieceType type) {
  std::vector<std::pair<std::string_view, int>> result;
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    if (model.pieces[id].type == type) result.emplace_back(model.pieces[id].text, int(id));
  }
  return result;
}

std::size_t character_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(size, text.size());
}

double log_add(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == -std::numeric_limits<double>::infinity() ? a : a + std::log1p(std::exp(b - a));
}

}  // namespace

bool SubwordSampler::supports(SentencePieceModel::Type type) {
  return type == SentencePieceModel::Type::unigram || type == SentencePieceModel::Type::bpe;
}

SubwordSampler::SubwordSampler(const SentencePieceModel& model)
    : model_(model),
      pieces_(pieces_of_type(model, PieceType::normal)),
      user_defined_(pieces_of_type(model, PieceType::user_defined)) {
  float lowest = std::numeric_limits<float>::infinity();
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    const SentencePieceModel::Piece& piece = model.pieces[id];
    if (piece.type == PieceType::unknown) unknown_ = int(id);
    if (piece.type == PieceType::normal) lowest = std::min(lowest, piece.score);
    if (piece.type == PieceType::normal || piece.type == PieceType::unused || piece.type == PieceType::user_defined) {
      ids_.emplace(piece.text, int(id));
    }
    if (model.byte_fallback && piece.type == PieceType::byte && piece.text.size() == 6) {  // such as <0x0A>
      byte_ids_.resize(256, unknown_);
      byte_ids_[std::strtoul(piece.text.substr(3, 2).c_str(), nullptr, 16)] = int(id);
    }
  }
  unknown_score_ = (std::isfinite(lowest) ? lowest : 0.0) - 10.0;  // SentencePiece's penalty
}

std::size_t SubwordSampler::user_defined_prefix(std::string_view text) const {
  std::size_t longest = 0;
  if (!user_defined_.empty()) user_defined_.prefixes(text, [&](std::size_t size, int) { longest = size; });
  return longest;
}

std::vector<int> SubwordSampler::sample(std::string_view text, double alpha, Random random) const {
  assert(supports(model_.type));
  std::vector<Span> spans;
  if (model_.type == SentencePieceModel::Type::bpe) {
    sample_bpe(text, alpha, random, spans);
    return to_ids(text, spans);
  }
  std::size_t begin = 0;  // of the stretch since the last user-defined symbol
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t symbol = user_defined_prefix(text.substr(at));
    if (symbol == 0 && at < text.size()) {
      at += character_size(text.substr(at));
      continue;
    }
    sample_unigram(text.substr(begin, at - begin), begin, alpha, random, spans);
    if (symbol > 0) spans.push_back({at, symbol, ids_.at(text.substr(at, symbol))});
    at += std::max<std::size_t>(symbol, 1);
    begin = at;
  }
  return to_ids(text, spans);
}

/// Forward filtering, backward sampling: with Z(e) the sum over all segmentations of the text up to e, the last
/// piece (b, e) has probability Z(b) exp(alpha * score) / Z(e), and so on from b.
void SubwordSampler::sample_unigram(std::string_view text, std::size_t begin, double alpha, Random& random,
                                    std::vector<Span>& spans) const {
  struct Arc {
    std::size_t from;
    int id;
    double weight;  ///< log Z(from) + alpha * score
    int next;       ///< another arc with the same end, or -1
  };
  std::vector<Arc> arcs;
  std::vector<int> arcs_to(text.size() + 1, -1);
  std::vector<double> log_z(text.size() + 1, -std::numeric_limits<double>::infinity());
  log_z[0] = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t character = character_size(text.substr(from));
    bool has_character = false;
    const auto add = [&](std::size_t size, int id, double score) {
      const double weight = log_z[from] + alpha * score;
      arcs.push_back({from, id, weight, arcs_to[from + size]});
      arcs_to[from + size] = int(arcs.size()) - 1;
      log_z[from + size] = log_add(log_z[from + size], weight);
    };
    pieces_.prefixes(text.substr(from), [&](std::size_t size, int id) {
      if (size < character) return;
      has_character |= size == character;
      add(size, id, model_.pieces[std::size_t(id)].score);
    });
    if (!has_character) add(character, unknown_, unknown_score_);
    from += character;
  }
  const std::size_t first = spans.size();
  for (std::size_t end = text.size(); end > 0;) {
    double left = random.uniform();
    int chosen = arcs_to[end];
    for (int arc = chosen; arc >= 0; arc = arcs[std::size_t(arc)].next) {
      chosen = arc;
      left -= std::exp(arcs[std::size_t(arc)].weight - log_z[end]);
      if (left < 0) break;  // if rounding leaves something, the last arc is chosen
    }
    const Arc& arc = arcs[std::size_t(chosen)];
    spans.push_back({begin + arc.from, end - arc.from, arc.id});
    end = arc.from;
  }
  std::reverse(spans.begin() + std::ptrdiff_t(first), spans.end());
}

void SubwordSampler::sample_bpe(std::string_view text, double alpha, Random& random, std::vector<Span>& spans) const {
  struct Symbol {
    std::size_t begin, size;
    int previous, next;
    bool whole;  ///< a user-defined symbol, never merged
  };
  std::vector<Symbol> symbols;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t defined = user_defined_prefix(text.substr(at));
    const std::size_t size = defined > 0 ? defined : character_size(text.substr(at));
    const int index = int(symbols.size());
    symbols.push_back({at, size, index - 1, at + size < text.size() ? index + 1 : -1, defined > 0});
    at += size;
  }
  struct Merge {
    float score;
    int left, right;
    std::size_t size;
    /// The heap gives the highest score first and, among equals, the leftmost.
    bool operator<(const Merge& other) const { return score != other.score ? score < other.score : left > other.left; }
  };
  std::priority_queue<Merge> merges;
  std::unordered_map<std::string_view, std::size_t> left_part;  // of unused pieces: how they were put together
  const auto consider = [&](int left, int right) {
    if (left < 0 || right < 0) return;
    const Symbol &l = symbols[std::size_t(left)], &r = symbols[std::size_t(right)];
    if (l.whole || r.whole) return;
    const std::string_view merged = text.substr(l.begin, l.size + r.size);
    const auto found = ids_.find(merged);
    if (found == ids_.end()) return;
    const SentencePieceModel::Piece& piece = model_.pieces[std::size_t(found->second)];
    if (piece.type == PieceType::unused) left_part.emplace(merged, l.size);
    merges.push({piece.score, left, right, merged.size()});
  };
  for (int i = 1; i < int(symbols.size()); ++i) consider(i - 1, i);
  while (!merges.empty()) {
    const Merge merge = merges.top();
    merges.pop();
    Symbol &left = symbols[std::size_t(merge.left)], &right = symbols[std::size_t(merge.right)];
    if (left.size == 0 || right.size == 0 || left.size + right.size != merge.size) continue;  // merged otherwise
    if (random.uniform() < alpha) continue;
    left.size = merge.size;
    left.next = right.next;
    right.size = 0;
    if (left.next >= 0) symbols[std::size_t(left.next)].previous = merge.left;
    consider(left.previous, merge.left);
    consider(merge.left, left.next);
  }
  for (int i = symbols.empty() ? -1 : 0; i >= 0; i = symbols[std::size_t(i)].next) {
    const Symbol& symbol = symbols[std::size_t(i)];
    const auto found = ids_.find(text.substr(symbol.begin, symbol.size));
    split_unused(text, {symbol.begin, symbol.size, found == ids_.end() ? unknown_ : found->second}, left_part, spans);
  }
}

/// Merges may go through unused pieces, but none may be given: those are taken apart again.
void SubwordSampler::split_unused(std::string_view text, Span span,
                                  const std::unordered_map<std::string_view, std::size_t>& left_part,
                                  std::vector<Span>& spans) const {
  const auto found = model_.pieces[std::size_t(span.id)].type == PieceType::unused
                         ? left_part.find(text.substr(span.begin, span.size))
                         : left_part.end();
  if (found == left_part.end()) return spans.push_back(span);
  const auto part = [&](std::size_t begin, std::size_t size) {
    const auto id = ids_.find(text.substr(begin, size));
    split_unused(text, {begin, size, id == ids_.end() ? unknown_ : id->second}, left_part, spans);
  };
  part(span.begin, found->second);
  part(span.begin + found->second, span.size - found->second);
}

std::vector<int> SubwordSampler::to_ids(std::string_view text, const std::vector<Span>& spans) const {
  std::vector<int> ids;
  for (const Span& span : spans) {
    if (span.id != unknown_) {
      ids.push_back(span.id);
    } else if (!byte_ids_.empty()) {
      for (const char byte : text.substr(span.begin, span.size))
        ids.push_back(byte_ids_[static_cast<unsigned char>(byte)]);
    } else if (ids.empty() || ids.back() != unknown_) {  // SentencePiece joins unknowns in a row
      ids.push_back(unknown_);
    }
  }
  return ids;
}

}  // namespace dragoman
