#pragma once
// Batches of sentence pairs, as a model takes them.

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "text/corpus.h"

namespace dragoman {

/// Sentence pairs one after another, without padding: sentence i of the source is
/// source_ids[source_offsets[i] .. source_offsets[i + 1]), and ends with </s>; likewise the target.
struct Batch {
  std::vector<int> source_ids;
  std::vector<int> source_offsets = {0};  ///< [sentences + 1]
  std::vector<int> target_ids;
  std::vector<int> target_offsets = {0};  ///< [sentences + 1]
  std::vector<std::int64_t> lines;        ///< [sentences]: where in the corpus they are from, from 1
  std::vector<TokenLink> links;           ///< alignments, sentence after sentence, each in the order of the target
  std::vector<int> link_offsets = {0};    ///< [sentences + 1]

  /// Adds a pair, and behind each side its sentence end.
  void add(const SentencePair& pair, int source_end, int target_end);

  int sentences() const { return int(lines.size()); }
  int source_words() const { return int(source_ids.size()); }  ///< tokens, with </s>
  int target_words() const { return int(target_ids.size()); }  ///< tokens, with </s>
  bool operator==(const Batch&) const = default;
};

/// How sentence pairs are grouped.
struct BatchRule {
  enum class Sort { none, source, target };
  int sentences = 64;               ///< at most so many sentences; 0: no limit
  std::int64_t target_words = 0;    ///< at most so many target tokens with </s>; 0: no limit
  std::int64_t words_that_fit = 0;  ///< at most so many tokens of both sides with </s>; 0: no limit
  Sort sort = Sort::none;           ///< by length, so that batches are of like lengths
  int maxi_batch = 1;               ///< how many batches' worth of pairs is sorted together
  bool shuffle = false;             ///< put the batches in a random order

  /// Whether a batch (or `count` of them) with so many sentences and words is as full as the rule allows or more.
  bool full(std::int64_t n, std::int64_t source, std::int64_t target, std::int64_t count = 1) const;
};

/// All pairs of a maxi-batch as batches. A pair that is over a limit alone is a batch of its own.
std::vector<Batch> make_batches(const std::vector<SentencePair>& pairs, const BatchRule& rule, int source_end,
                                int target_end, Random random);

}  // namespace dragoman
