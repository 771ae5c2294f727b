#pragma once
// Drawing translations at random instead of searching for the best.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "search/search.h"

namespace dragoman {

/// Which tokens may be drawn and how likely. All work on the probabilities p of the tokens that are allowed at all
/// (see TokenRules), made to sum to 1; of those kept each is drawn in proportion to p^(1/temperature).
struct Sampling {
  enum class Method {
    full,     ///< all tokens
    topk,     ///< the `size` most probable (Fan et al. 2018)
    nucleus,  ///< the most probable, until those before a token sum to more than `threshold` (Holtzman et al. 2020)
    epsilon,  ///< those with p >= threshold, but always the most probable (Hewitt et al. 2022)
  };
  Method method = Method::full;
  int size = 10;
  double threshold = 0;
  double temperature = 1;
  bool operator==(const Sampling&) const = default;
};

/// Reads the setting output-sampling in Marian's notation: "full [T]", "topk [N=10 [T]]", "nucleus [P=0.9 [T]]",
/// "epsilon [E=0.02 [T]]", as one text or one text per word. Nothing, "0" and "false" mean no sampling, "1" and "true"
/// mean full. Throws Error naming the field.
std::optional<Sampling> parse_sampling(const std::vector<std::string>& setting);

/// Draws one translation per sentence, or beam-size many with n-best (best first; repetitions are possible). Arguments,
/// limits, prefixes, rules and errors are those of search(). Log-probabilities and scores are the model's own, as if
/// the translation had been found by beam search without penalties. A sample is a function of the seed, the sentence's
/// id, its number among the samples and the model's scores; not of the batch.
std::vector<NBest> sample(StepScorer& scorer, std::span<const int> source_lengths, const SearchOptions& options,
                          const SearchContext& context = {});

}  // namespace dragoman
