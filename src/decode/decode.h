#pragma once
// From source tokens to translations in target tokens, for one batch in one thread.

#include <vector>

#include "model/seq2seq.h"
#include "search/search.h"

namespace dragoman {

/// The ids that mean something special in the target vocabulary.
struct SpecialTokens {
  TokenId end = 0;
  TokenId unknown = 1;
};

/// Searches for the translations of a batch; sentences of `source` end with </s>. The arena is given back as it was.
/// Output is limited by the model's longest sentence too. Throws as search() does.
std::vector<NBest> decode(const Seq2Seq& model, Arena& arena, const TokenGrid& source, const SpecialTokens& special,
                          const SearchOptions& options, SearchContext context = {});

}  // namespace dragoman
