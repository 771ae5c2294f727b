#include "search/beam.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "search/coverage_penalty.h"
#include "search/length_penalty.h"
#include "search/step_rows.h"
#include "search/token_rules.h"
#include "search/top_k.h"
#include "search/trellis.h"

namespace dragoman {

namespace {

/// A hypothesis that can still grow.
struct Live {
  int path;                               // in the trellis
  double sum;                             // of log-probabilities, with penalties
  std::vector<float> covered = {};        // attention so far to each source token; with a coverage penalty
  int attention = Trellis::no_attention;  // of the token to come, if it is kept
};

/// A hypothesis that ends in </s>.
struct Ended {
  double score;
  int path;
  int length;  // without </s>
  float end_log_probability;
  int end_attention;
  bool complete;
};

/// The search of one sentence.
struct Beam {
  int sentence = 0;
  int limit = 0;             // most tokens, with </s>
  std::vector<Live> live;    // best first; none: the sentence is done
  std::vector<Ended> ended;  // the best so far, best first; no more than the result may have
  int endings = 0;           // how many have ended, those not kept included
};

class BeamSearch {
 public:
  BeamSearch(StepScorer& scorer, std::span<const int> source_lengths, const SearchOptions& options,
             const SearchContext& context)
      : options_(options),
        context_(context),
        penalty_{.normalize = options.normalize, .word_penalty = options.word_penalty},
        wanted_(options.n_best ? std::size_t(options.beam_size) : 1),
        enough_(options.beam_size == 1  ? 1.0
                : options.patience == 0 ? std::numeric_limits<double>::infinity()
                                        : options.patience * options.beam_size),
        end_(scorer.end_token()),
        rules_(options, scorer.vocabulary_size(), scorer.end_token(), context.unk_token),
        rows_(scorer) {
    beams_.resize(source_lengths.size());
    for (std::size_t i = 0; i < beams_.size(); ++i) {
      Beam& beam = beams_[i];
      beam.sentence = int(i);
      beam.limit = length_limit(options, source_lengths[i], int(prefix_of(context, int(i)).size()));
      beam.live.push_back({.path = Trellis::root, .sum = 0});
    }
  }

  std::vector<NBest> run() {
    for (bool running = !beams_.empty(); running;) {
      if (context_.watcher != nullptr) context_.watcher->pause();
      rows_.advance();
      int row = 0;
      running = false;
      for (Beam& beam : beams_) {
        if (beam.live.empty()) continue;
        const int rows = int(beam.live.size());
        if (context_.watcher != nullptr && context_.watcher->gives_up(beam.sentence)) {
          beam.live.clear();
          beam.ended.clear();
        } else {
          step(beam, row);
        }
        row += rows;
        running |= !beam.live.empty();
        if (context_.watcher != nullptr && !beam.live.empty()) tell_watcher(beam);
      }
      ++length_;
    }
    std::vector<NBest> results;
    for (const Beam& beam : beams_) results.push_back(result(beam));
    return results;
  }

 private:
  /// Takes the hypotheses of a sentence one token further; their rows begin at first_row.
  void step(Beam& beam, int first_row) {
    if (options_.coverage_penalty != 0) cover(beam, first_row);
    if (context_.keeps_attention) keep_attention(beam, first_row);
    const auto prefix = prefix_of(context_, beam.sentence);
    if (length_ < int(prefix.size())) {
      force(beam, first_row, prefix[std::size_t(length_)]);
    } else if (length_ + 1 >= beam.limit) {
      end_all(beam, first_row);
    } else {
      grow(beam, first_row);
    }
  }

  /// Adds what the token to come looks at.
  void cover(Beam& beam, int first_row) {
    for (std::size_t i = 0; i < beam.live.size(); ++i) {
      const std::span<const float> attention = rows_.attention(first_row + int(i));
      require(!attention.empty(), "coverage-penalty: this model does not show its attention to the source");
      std::vector<float>& covered = beam.live[i].covered;
      covered.resize(attention.size());
      for (std::size_t j = 0; j < attention.size(); ++j) covered[j] += attention[j];
    }
  }

  void keep_attention(Beam& beam, int first_row) {
    for (std::size_t i = 0; i < beam.live.size(); ++i) {
      beam.live[i].attention = trellis_.note_attention(rows_.attention(first_row + int(i)));
    }
  }

  void force(Beam& beam, int row, TokenId token) {
    Live& only = beam.live.front();
    const float log_probability = rows_.row(row).of(token);
    only.sum += forced_score(log_probability, beam.sentence, length_);
    only.path = trellis_.extend(only.path, token, log_probability, only.attention);
    rows_.add(row, token);
  }

  /// Forces </s> on all live hypotheses.
  void end_all(Beam& beam, int first_row) {
    for (std::size_t i = 0; i < beam.live.size(); ++i) {
      const float log_probability = rows_.row(first_row + int(i)).of(end_);
      const double sum = beam.live[i].sum + forced_score(log_probability, beam.sentence, length_);
      end(beam, beam.live[i], sum, log_probability, false);
    }
    beam.live.clear();
  }

  void end(Beam& beam, const Live& live, double sum, float end_log_probability, bool complete) {
    ++beam.endings;
    const Ended ended = {
        .score = penalty_.score(sum, length_ + 1) + coverage_penalty(live.covered, options_.coverage_penalty),
        .path = live.path,
        .length = length_,
        .end_log_probability = end_log_probability,
        .end_attention = live.attention,
        .complete = complete};
    const auto place = std::upper_bound(beam.ended.begin(), beam.ended.end(), ended,
                                        [](const Ended& a, const Ended& b) { return a.score > b.score; });
    beam.ended.insert(place, ended);
    if (beam.ended.size() > wanted_) beam.ended.pop_back();
  }

  void grow(Beam& beam, int first_row) {
    growing_.reset(options_.beam_size);
    ending_.reset(options_.beam_size);
    for (int i = 0; i < int(beam.live.size()); ++i) {
      const Live& live = beam.live[std::size_t(i)];
      const ScoreRow row = rows_.row(first_row + i);
      if (rules_.need_history()) {
        trellis_.trace(live.path, length_, history_);
        rules_.set(history_, row);
        for (const auto& token : rules_.adjusted()) {
          growing_.offer({live.sum + token.score, token.token, i, token.log_probability});
        }
      }
      growing_.scan(row, live.sum, i, rules_);
      const float end_score = row.of(end_);
      if (length_ >= options_.min_length) ending_.offer({live.sum + end_score, end_, i, end_score});
    }
    const auto grown = growing_.best();
    // Both lists are sorted: those that end and have fewer than beam-size better candidates in the merged list.
    std::size_t rank = 0;  // of grown candidates better than the ending one
    for (std::size_t i = 0; i < ending_.best().size(); ++i) {
      const Candidate& candidate = ending_.best()[i];
      while (rank < grown.size() && better(grown[rank], candidate)) ++rank;
      if (rank + i >= std::size_t(options_.beam_size)) break;
      end(beam, beam.live[std::size_t(candidate.parent)], candidate.score, candidate.log_probability, true);
    }
    if (grown.empty() && beam.ended.empty()) return end_all(beam, first_row);  // all is forbidden, or the model broken
    if (grown.empty() || done(beam, grown.front().score)) return beam.live.clear();
    next_.clear();
    for (const Candidate& candidate : grown) {
      const Live& parent = beam.live[std::size_t(candidate.parent)];
      next_.push_back(
          {.path = trellis_.extend(parent.path, candidate.token, candidate.log_probability, parent.attention),
           .sum = candidate.score,
           .covered = parent.covered});
      rows_.add(first_row + candidate.parent, candidate.token);
    }
    beam.live.swap(next_);
  }

  /// Whether a sentence can stop whose best live hypothesis, of length_ + 1 tokens, has this sum.
  bool done(const Beam& beam, double best_sum) const {
    if (beam.endings >= enough_) return true;
    if (beam.ended.size() < wanted_) return false;
    const int shortest = std::min(beam.limit, std::max(length_ + 1, options_.min_length) + 1);
    return penalty_.best_attainable(best_sum, shortest, beam.limit) <= beam.ended.back().score;
  }

  /// What can still be the translation are the live hypotheses and the ended ones that are kept.
  void tell_watcher(const Beam& beam) {
    if (!context_.watcher->wants_partial(beam.sentence)) return;
    trellis_.trace(beam.live.front().path, length_ + 1, best_);
    std::size_t settled = best_.size();
    const auto compare = [&](int path, int length) {
      trellis_.trace(path, length, history_);
      const auto end = std::min(best_.begin() + std::ptrdiff_t(settled), best_.begin() + length);
      settled = std::size_t(std::mismatch(best_.begin(), end, history_.begin()).first - best_.begin());
    };
    for (std::size_t i = 1; i < beam.live.size(); ++i) compare(beam.live[i].path, length_ + 1);
    for (const Ended& ended : beam.ended) compare(ended.path, ended.length);
    context_.watcher->partial(beam.sentence, best_, int(settled));
  }

  NBest result(const Beam& beam) const {
    NBest list;
    for (const Ended& ended : beam.ended) {
      list.push_back(trellis_.hypothesis(ended.path, ended.length, ended.end_log_probability, ended.end_attention));
      list.back().score = ended.score;
      list.back().complete = ended.complete;
    }
    return list;
  }

  const SearchOptions& options_;
  const SearchContext& context_;
  LengthPenalty penalty_;
  std::size_t wanted_;  // hypotheses in a result
  double enough_;       // endings at which a sentence stops
  TokenId end_;
  TokenRules rules_;
  StepRows rows_;
  Trellis trellis_;
  std::vector<Beam> beams_;
  int length_ = 0;  // tokens that live hypotheses have, the same for all sentences

  // Scratch, kept so that steps do not allocate.
  TopK growing_;
  TopK ending_;
  std::vector<Live> next_;
  std::vector<TokenId> history_;
  std::vector<TokenId> best_;
};

}  // namespace

std::vector<NBest> beam_search(StepScorer& scorer, std::span<const int> source_lengths, const SearchOptions& options,
                               const SearchContext& context) {
  check(options);
  check_batch(scorer, source_lengths, context);
  return BeamSearch(scorer, source_lengths, options, context).run();
}

}  // namespace dragoman
