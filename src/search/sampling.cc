#include "search/sampling.h"

#include <algorithm>

#include "base/random.h"
#include "search/length_penalty.h"
#include "search/step_rows.h"
#include "search/token_distribution.h"
#include "search/token_rules.h"
#include "search/trellis.h"

namespace dragoman {

namespace {

/// A translation being drawn, or while a forced prefix lasts the common beginning of all of a sentence's samples.
struct Draft {
  int sentence;
  int limit;    // most tokens, with </s>
  int samples;  // how many it still is to become
  int path;     // in the trellis
  Random random;
};

class Sampler {
 public:
  Sampler(StepScorer& scorer, std::span<const int> source_lengths, const SearchOptions& options,
          const SearchContext& context)
      : options_(options),
        context_(context),
        sampling_(parse_sampling(options.output_sampling).value_or(Sampling{})),
        penalty_{.normalize = options.normalize, .word_penalty = options.word_penalty},
        end_(scorer.end_token()),
        rules_(options, scorer.vocabulary_size(), scorer.end_token(), context.unk_token),
        rows_(scorer),
        results_(source_lengths.size()) {
    const Random random(context.seed);
    for (std::size_t i = 0; i < source_lengths.size(); ++i) {
      const std::uint64_t id = context.sentence_ids.empty() ? i : context.sentence_ids[i];
      drafts_.push_back({.sentence = int(i),
                         .limit = length_limit(options, source_lengths[i], int(prefix_of(context, int(i)).size())),
                         .samples = options.n_best ? options.beam_size : 1,
                         .path = Trellis::root,
                         .random = random.fork(id)});
    }
  }

  std::vector<NBest> run() {
    for (; !drafts_.empty(); ++length_) {
      rows_.advance();
      next_.clear();
      for (int row = 0; row < int(drafts_.size()); ++row) step(drafts_[std::size_t(row)], row);
      drafts_.swap(next_);
    }
    for (NBest& list : results_) {
      std::stable_sort(list.begin(), list.end(),
                       [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; });
    }
    return std::move(results_);
  }

 private:
  void step(const Draft& draft, int row) {
    const auto prefix = prefix_of(context_, draft.sentence);
    const ScoreRow scores = rows_.row(row);
    if (length_ < int(prefix.size())) {
      const TokenId token = prefix[std::size_t(length_)];
      forced_score(scores.of(token), draft.sentence, length_);  // for its check
      return grow(draft, row, token);
    }
    bool possible = length_ + 1 < draft.limit;
    if (possible) {
      if (rules_.need_history()) {
        trellis_.trace(draft.path, length_, history_);
        rules_.set(history_, scores);
      }
      possible = distribution_.set(scores, rules_, length_ >= options_.min_length ? end_ : -1, sampling_);
    }
    for (int i = 0; i < draft.samples; ++i) {
      Draft single = draft;
      single.samples = 1;
      if (length_ == int(prefix.size())) single.random = draft.random.fork(std::uint64_t(i));
      const TokenId token = possible ? distribution_.draw(single.random) : end_;
      if (token == end_) {
        end(single, scores.of(end_), possible);
      } else {
        grow(single, row, token);
      }
    }
  }

  void grow(const Draft& draft, int row, TokenId token) {
    rows_.add(row, token);
    next_.push_back(draft);
    next_.back().path = trellis_.extend(draft.path, token, rows_.row(row).of(token));
  }

  void end(const Draft& draft, float log_probability, bool complete) {
    forced_score(log_probability, draft.sentence, length_);  // for its check
    Hypothesis hypothesis = trellis_.hypothesis(draft.path, length_, log_probability);
    double sum = 0;
    for (std::size_t i = 0; i < hypothesis.token_log_probabilities.size(); ++i) {
      sum += forced_score(hypothesis.token_log_probabilities[i], draft.sentence, int(i));
    }
    hypothesis.score = penalty_.score(sum, length_ + 1);
    hypothesis.complete = complete;
    results_[std::size_t(draft.sentence)].push_back(std::move(hypothesis));
  }

  const SearchOptions& options_;
  const SearchContext& context_;
  Sampling sampling_;
  LengthPenalty penalty_;
  TokenId end_;
  TokenRules rules_;
  StepRows rows_;
  Trellis trellis_;
  TokenDistribution distribution_;
  std::vector<Draft> drafts_;  // one per row
  std::vector<Draft> next_;
  std::vector<TokenId> history_;
  std::vector<NBest> results_;
  int length_ = 0;  // tokens of all drafts
};

}  // namespace

std::vector<NBest> sample(StepScorer& scorer, std::span<const int> source_lengths, const SearchOptions& options,
                          const SearchContext& context) {
  check(options);
  check_batch(scorer, source_lengths, context);
  return Sampler(scorer, source_lengths, options, context).run();
}

}  // namespace dragoman
