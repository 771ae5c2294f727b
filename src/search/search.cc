#include "search/search.h"

#include <cmath>

#include "base/error.h"
#include "search/beam.h"
#include "search/sampling.h"

namespace dragoman {

void check(const SearchOptions& options) {
  require(options.beam_size >= 1, "beam-size: {}, expected at least 1", options.beam_size);
  require(std::isfinite(options.normalize) && options.normalize >= 0, "normalize: {}, expected a number not below 0",
          options.normalize);
  require(std::isfinite(options.word_penalty), "word-penalty: {}, expected a finite number", options.word_penalty);
  require(options.max_length_factor > 0, "max-length-factor: {}, expected a number above 0", options.max_length_factor);
  require(options.max_length >= 0, "max-length: {}, expected 0 (no limit) or more", options.max_length);
  require(options.min_length >= 0, "min-length: {}, expected 0 or more", options.min_length);
  require(std::isfinite(options.repetition_penalty) && options.repetition_penalty > 0,
          "repetition-penalty: {}, expected a number above 0", options.repetition_penalty);
  require(options.no_repeat_ngram_size >= 0, "no-repeat-ngram-size: {}, expected 0 (off) or more",
          options.no_repeat_ngram_size);
  require(std::isfinite(options.patience) && options.patience >= 0, "patience: {}, expected 0 (off) or more",
          options.patience);
  require(std::isfinite(options.coverage_penalty) && options.coverage_penalty >= 0,
          "coverage-penalty: {}, expected 0 (off) or more", options.coverage_penalty);
  require(!parse_sampling(options.output_sampling) || options.coverage_penalty == 0,
          "coverage-penalty: {}, but output-sampling draws translations instead of ranking them; expected 0",
          options.coverage_penalty);
}

std::vector<NBest> search(StepScorer& scorer, std::span<const int> source_lengths, const SearchOptions& options,
                          const SearchContext& context) {
  return parse_sampling(options.output_sampling) ? sample(scorer, source_lengths, options, context)
                                                 : beam_search(scorer, source_lengths, options, context);
}

}  // namespace dragoman
