#pragma once
// What SentencePiece does to a text before it cuts it: characters are replaced by rules (of Unicode's NFKC, say),
// spaces are marked, and too many of them removed.

#include <string>
#include <string_view>

#include "text/piece_trie.h"
#include "text/sentencepiece_model.h"

namespace dragoman {

/// Applies a model's rules. The same as the library's (which gives nobody the text alone), a test holds them together.
class Normalizer {
 public:
  /// Keeps views of both, which must outlive this. Texts of user_defined are left as they are.
  Normalizer(const SentencePieceModel::Normalization& rules, const PieceTrie& user_defined);

  /// A blank text becomes empty; what is no UTF-8 becomes U+FFFD, byte by byte.
  std::string normalize(std::string_view text) const;

 private:
  struct Prefix {
    std::string_view becomes;
    std::size_t size;  ///< of what it stands for
  };
  Prefix next(std::string_view text) const;
  Prefix replaced(std::string_view text) const;
  std::uint32_t unit(std::size_t index) const;

  const SentencePieceModel::Normalization& rules_;
  const PieceTrie& user_defined_;
  std::string_view trie_, replacements_;  ///< the two parts of the character map
};

}  // namespace dragoman
