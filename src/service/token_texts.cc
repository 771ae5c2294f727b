#include "service/token_texts.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace dragoman {
namespace {

/// All of them, after a visible one: the first of a text would lose its space.
std::vector<std::string> texts_of_all(const Vocabulary& vocabulary) {
  std::vector<int> ids(std::size_t(vocabulary.size()) + 1);
  std::iota(ids.begin() + 1, ids.end(), 0);
  for (int id = 0; id < vocabulary.size(); ++id) {
    if (id == vocabulary.unk_id() || vocabulary.surfaces(std::vector<int>{id})[0].empty()) continue;
    ids[0] = id;
    break;
  }
  std::vector<std::string> texts = vocabulary.surfaces(ids);
  texts.erase(texts.begin());
  return texts;
}

std::optional<unsigned char> byte_of(const std::string& piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece.back() != '>') return std::nullopt;
  char* end = nullptr;
  const unsigned long value = std::strtoul(piece.c_str() + 3, &end, 16);
  if (end != piece.c_str() + 5) return std::nullopt;
  return static_cast<unsigned char>(value);
}

std::vector<TokenId> sorted_by_text(const std::vector<std::string>& texts, const std::vector<char>& is_byte) {
  std::vector<TokenId> sorted;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i].empty() && is_byte[i] == 0) sorted.push_back(TokenId(i));
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](TokenId a, TokenId b) { return texts[std::size_t(a)] < texts[std::size_t(b)]; });
  return sorted;
}

std::vector<std::pair<std::string_view, int>> distinct(const std::vector<std::string>& texts,
                                                       const std::vector<TokenId>& sorted) {
  std::vector<std::pair<std::string_view, int>> result;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const std::string& text = texts[std::size_t(sorted[i])];
    if (result.empty() || result.back().first != text) result.emplace_back(text, int(i));
  }
  return result;
}

}  // namespace

TokenTexts::TokenTexts(const Vocabulary& vocabulary)
    : texts_(texts_of_all(vocabulary)), is_byte_(texts_.size(), 0), trie_({}) {
  bytes_.fill(-1);
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    const bool special = int(i) == vocabulary.end_id() || int(i) == vocabulary.unk_id();
    if (special) texts_[i].clear();
    const auto byte = byte_of(vocabulary.piece(int(i)));
    if (special || !byte || texts_[i] == vocabulary.piece(int(i))) continue;
    texts_[i].assign(1, char(*byte));
    is_byte_[i] = 1;
    bytes_[*byte] = TokenId(i);
  }
  sorted_ = sorted_by_text(texts_, is_byte_);
  trie_ = PieceTrie(distinct(texts_, sorted_));
}

std::span<const TokenId> TokenTexts::beginning_with(std::string_view text) const {
  const auto cut = [&](TokenId token) { return std::string_view(of(token)).substr(0, text.size()); };
  const auto first = std::partition_point(sorted_.begin(), sorted_.end(), [&](TokenId t) { return cut(t) < text; });
  const auto last = std::partition_point(first, sorted_.end(), [&](TokenId t) { return cut(t) == text; });
  return {first, last};
}

}  // namespace dragoman
