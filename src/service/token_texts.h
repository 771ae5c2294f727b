#pragma once
// Which tokens can write a given text.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "search/step_scorer.h"
#include "text/piece_trie.h"
#include "text/vocabulary.h"

namespace dragoman {

/// What the tokens of a vocabulary contribute in the middle of a text, " mundo" say.
class TokenTexts {
 public:
  explicit TokenTexts(const Vocabulary& vocabulary);

  /// Empty for what is no text: </s>, unknown, control symbols. Of a byte token the byte.
  const std::string& of(TokenId token) const { return texts_[std::size_t(token)]; }
  bool is_byte(TokenId token) const { return is_byte_[std::size_t(token)]; }
  bool is_special(TokenId token) const { return texts_[std::size_t(token)].empty(); }
  int size() const { return int(texts_.size()); }

  /// Calls found(length, token) for each token whose text `where` begins with.
  template <class Found>
  void prefixes(std::string_view where, const Found& found) const {
    if (where.empty()) return;
    trie_.prefixes(where, [&](std::size_t length, int place) {
      for (std::size_t i = std::size_t(place); i < sorted_.size() && of(sorted_[i]).size() == length; ++i) {
        if (where.substr(0, length) != of(sorted_[i])) break;
        found(length, sorted_[i]);
      }
    });
    const TokenId byte = bytes_[static_cast<unsigned char>(where[0])];
    if (byte >= 0) found(1, byte);
  }

  /// The tokens, without bytes, whose text begins with `text` or is it.
  std::span<const TokenId> beginning_with(std::string_view text) const;

 private:
  std::vector<std::string> texts_;
  std::vector<char> is_byte_;
  std::vector<TokenId> sorted_;     ///< by text, then by number; without bytes and what is no text
  std::array<TokenId, 256> bytes_;  ///< negative: there is none
  PieceTrie trie_;                  ///< of each text where it begins in sorted_
};

}  // namespace dragoman
