#include "decode/decode.h"

#include <algorithm>

#include "decode/model_scorer.h"

namespace dragoman {

std::vector<NBest> decode(const Seq2Seq& model, Arena& arena, const TokenGrid& source, const SpecialTokens& special,
                          const SearchOptions& options, SearchContext context) {
  const Arena::Mark mark = arena.mark();
  std::vector<int> lengths;
  for (int s = 0; s < source.sentences(); ++s) lengths.push_back(source.length(s));
  SearchOptions limited = options;
  if (const int longest = model.longest_sentence(); longest > 0) {  // which counts </s>, and max_length does not
    limited.max_length = limited.max_length > 0 ? std::min(limited.max_length, longest - 1) : longest - 1;
  }
  context.unk_token = special.unknown;
  ModelScorer scorer(model, arena, source, special.end, options.coverage_penalty != 0 || context.keeps_attention,
                     context.candidates);
  std::vector<NBest> result = search(scorer, lengths, limited, context);
  arena.rewind(mark);
  return result;
}

}  // namespace dragoman
