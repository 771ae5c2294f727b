#pragma once
// The beginning of a translation that somebody has written already, as a model can go on from it.

#include <span>
#include <string>
#include <vector>

#include "service/token_texts.h"

namespace dragoman {

/// A text that a translation begins with, cut anywhere. Its beginning is forced as tokens, as the vocabulary cuts it.
/// How its end will be cut is not known before what follows is: "mun" may become "mund|o" or "mu|ndo". So the last word
/// is left to the search, which may take any tokens that make it.
class TargetPrefix {
 public:
  TargetPrefix(const Vocabulary& vocabulary, const TokenTexts& texts, std::string text);

  const std::string& text() const { return text_; }
  const std::vector<TokenId>& forced() const { return forced_; }

  /// What the tokens that follow must begin with together, as tokens have it.
  const std::string& rest() const { return rest_; }

  /// Calls allow(token) for the tokens that may follow when `at` bytes of the rest are there; not for those that lead
  /// nowhere. REQUIRES: at < rest().size().
  template <class Allow>
  void allowed(std::size_t at, const Allow& allow) const {
    const std::string_view where = std::string_view(rest_).substr(at);
    texts_.prefixes(where, [&](std::size_t length, TokenId token) {
      if (is_way_[at + length] != 0) allow(token);
    });
    for (const TokenId token : texts_.beginning_with(where)) {
      if (texts_.of(token).size() > where.size()) allow(token);
    }
  }

  /// How many bytes of the rest are there after one more token.
  std::size_t after(std::size_t at, TokenId token) const {
    return std::min(rest_.size(), at + texts_.of(token).size());
  }

  /// Adds tokens to a shortlist, ascending, so that it has the forced ones and a way through the rest.
  void add_to(std::vector<TokenId>& candidates) const;

  /// The texts of the forced tokens and then of `tokens`, which begin with the rest. Written one after another they
  /// begin with text(), byte for byte; what stands behind it is what the tokens add.
  std::vector<std::string> token_texts(std::span<const TokenId> tokens) const;

 private:
  void find_ways();

  const TokenTexts& texts_;
  std::string text_;
  std::vector<TokenId> forced_;
  std::vector<std::string> forced_texts_;
  std::string rest_, written_rest_;  ///< as tokens have it, and the bytes of text_
  std::vector<char> is_way_;         ///< for each number of bytes of the rest: tokens can complete it from there
};

}  // namespace dragoman
