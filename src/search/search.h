#pragma once
// The entry of the search layer: beam search or sampling, as the settings say.

#include <cstdint>
#include <span>
#include <vector>

#include "dragoman/search_options.h"
#include "search/hypothesis.h"
#include "search/step_scorer.h"
#include "search/watcher.h"

namespace dragoman {

/// What a search is told about its batch besides the user's settings.
struct SearchContext {
  /// First tokens of each sentence's translation, forced: one per sentence, any may be empty; or none at all. Their
  /// log-probabilities count, penalties and blocked tokens do not apply to them, but what follows them does not
  /// repeat them. No </s> in them.
  std::span<const std::vector<TokenId>> prefixes = {};
  /// The tokens of which each sentence's translation may be made (its shortlist), ascending, with </s> and its prefix
  /// among them; none at all: any. Whoever makes the scorer gives it these.
  std::span<const std::vector<TokenId>> candidates = {};
  /// The token that only allow-unk lets through; negative: there is none.
  TokenId unk_token = -1;
  /// Names the random stream of each sentence when sampling, so that its samples do not depend on how the text is cut
  /// into batches: its number in the text, say. Empty: 0, 1, ...
  std::span<const std::uint64_t> sentence_ids = {};
  std::uint64_t seed = 0;            ///< of sampling
  bool keeps_attention = false;      ///< hypotheses of beam search have the scorer's attention
  SearchWatcher* watcher = nullptr;  ///< of beam search; null: none
};

/// Throws Error, naming the setting, unless all values make sense.
void check(const SearchOptions& options);

/// Searches for the translations of all sentences that `scorer` was started with, by sampling if
/// options.output_sampling asks for it, else by beam search. source_lengths counts </s>. One list per sentence, with
/// at least one hypothesis (unless a watcher gave it up): the best, or up to beam-size with n-best. No list depends on
/// the other sentences.
/// Throws Error if settings make no sense or the model's scores are not numbers.
std::vector<NBest> search(StepScorer& scorer, std::span<const int> source_lengths, const SearchOptions& options,
                          const SearchContext& context = {});

}  // namespace dragoman
