#pragma once
// Words that could come next, and how the translation would go on after each.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/service.h"
#include "service/completion_scorer.h"

namespace dragoman {

struct WordAlternativesOptions {
  int count = 4;
  bool spaces = true;        ///< words of the language have spaces between them
  TokenId unknown = -1;      ///< never taken
  std::string but_not = {};  ///< a word that is known already
};

/// The most probable words that follow the prefix, all different. Each likely first token is taken further, always by
/// the most probable token, all of them together. `scorer` has one row, which stands at the end of the forced tokens;
/// `scores` and `candidates` are those of its next token. Gives up when stopped() is true.
std::vector<CompletionAnswer::Alternative> word_alternatives(CompletionScorer& scorer, std::span<const float> scores,
                                                             std::span<const TokenId> candidates,
                                                             const TokenTexts& texts, const TargetPrefix& prefix,
                                                             const WordAlternativesOptions& options,
                                                             const std::function<bool()>& stopped);

/// The first word of a text, with the white space before it and without the marks after it ("mundo" of "mundo, e"); or
/// the marks, if it begins with them.
std::string_view first_word(std::string_view text);

}  // namespace dragoman
