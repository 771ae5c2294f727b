#include "decode/decode_ensemble.h"

#include <algorithm>

#include "decode/model_scorer.h"
#include "search/ensemble.h"

namespace dragoman {

int longest_sentence(std::span<const Seq2Seq* const> models) {
  int longest = 0;
  for (const Seq2Seq* model : models) {
    const int own = model->longest_sentence();
    if (own > 0) longest = longest == 0 ? own : std::min(longest, own);
  }
  return longest;
}

std::vector<NBest> decode_ensemble(std::span<const Seq2Seq* const> models, std::deque<Arena>& arenas,
                                   const TokenGrid& source, const SpecialTokens& special, const SearchOptions& options,
                                   SearchContext context) {
  std::vector<int> lengths;
  lengths.reserve(std::size_t(source.sentences()));
  for (int s = 0; s < source.sentences(); ++s) lengths.push_back(source.length(s));
  SearchOptions limited = options;
  if (const int longest = longest_sentence(models); longest > 0) {  // which counts </s>, and max_length does not
    limited.max_length = limited.max_length > 0 ? std::min(limited.max_length, longest - 1) : longest - 1;
  }
  context.unk_token = special.unknown;

  while (arenas.size() < models.size()) arenas.emplace_back();
  std::deque<ModelScorer> scorers;
  std::vector<StepScorer*> pointers;
  std::vector<Arena::Mark> marks;
  for (std::size_t i = 0; i < models.size(); ++i) {
    marks.push_back(arenas[i].mark());
    const bool watched = options.coverage_penalty != 0 || context.keeps_attention;
    pointers.push_back(&scorers.emplace_back(*models[i], arenas[i], source, special.end, watched, context.candidates));
  }
  std::vector<NBest> result;
  if (models.size() == 1) {
    result = search(*pointers[0], lengths, limited, context);
  } else {
    EnsembleScorer ensemble(pointers, limited.weights);
    result = search(ensemble, lengths, limited, context);
  }
  for (std::size_t i = 0; i < models.size(); ++i) arenas[i].rewind(marks[i]);
  return result;
}

}  // namespace dragoman
