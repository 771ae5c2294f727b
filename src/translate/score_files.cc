#include "translate/score_files.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "translate/alignment_format.h"
#include "translate/interruption.h"
#include "translate/output_file.h"
#include "translate/output_format.h"
#include "translate/pair_scorer.h"
#include "translate/parallel.h"
#include "translate/score_input.h"
#include "translate/score_summary.h"
#include "translate/suspicion.h"

namespace dragoman {
namespace {

/// Up to `most` more pairs; false at the end.
bool read(ScoreInput& input, std::int64_t most, std::vector<TextPair>& pairs, std::vector<std::string>& list_lines) {
  constexpr std::size_t most_bytes = 16 << 20;
  pairs.clear();
  list_lines.clear();
  std::size_t bytes = 0;
  for (ScoreItem item; std::int64_t(pairs.size()) < most && bytes < most_bytes && input.next(item);) {
    bytes += item.pair.source.size() + item.pair.target.size();
    pairs.push_back(std::move(item.pair));
    list_lines.push_back(std::move(item.list_line));
  }
  return !pairs.empty();
}

std::string format_score(const PairScore& score, const std::string& list_line, const ScoreSettings& s) {
  const double length = s.normalize ? double(score.token_log_probabilities.size()) : 1.0;
  const double value = score.log_probability / length;
  const auto style = parse_alignment_style(s.alignment);
  const std::string alignment = style ? format_alignment(score.alignment, *style) : "";
  std::string line = s.n_best ? with_feature(list_line, s.n_best_feature, value) : fmt::format("{:.6f}", value);
  if (style) line = s.n_best ? with_alignment(line, alignment) : line + " ||| " + alignment;
  if (s.word_scores) line += format_word_scores(score.token_log_probabilities);
  return line + '\n';
}

void run(const ScoreSettings& s, PairScorer& scorer, ScoreInput& input, const std::stop_token& stop,
         const Write& write) {
  const std::array<std::string, 2> names = {input.name(0), input.name(1)};
  const std::int64_t most = std::int64_t(s.batching.mini_batch) * s.batching.maxi_batch;
  ScoreSummary summary;
  SuspicionReport suspicions;
  std::vector<TextPair> pairs;
  std::vector<std::string> list_lines;
  std::string output;
  while (read(input, most, pairs, list_lines)) {
    const auto scores = scorer.score(pairs, names, stop);
    output.clear();
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (scores[i].cropped) suspicions.add(Suspicion::cropped, pairs[i].line);
      if (s.summary.empty()) {
        output += format_score(scores[i], list_lines[i], s);
      } else {
        summary.add(scores[i].log_probability, std::int64_t(scores[i].token_log_probabilities.size()));
      }
    }
    write(output);
  }
  input.report().log();
  suspicions.log();
  if (!s.summary.empty()) write(fmt::format("{:.6f}\n", summary.value(s.summary)));
}

}  // namespace

int score_files(const ScoreSettings& s) {
  const Interruption interruption;
  const auto interrupted = [&] {
    log::error("Interrupted: the output is not whole");
    return interruption.exit_code();
  };
  try {
    const ModelSet models =
        load_models(std::array{s.model_path}, {.vocabs = s.vocabs, .gemm_precision = s.gemm_precision});
    PairScorer scorer(models, {.batching = s.batching,
                               .max_length = s.max_length,
                               .crop = s.max_length_crop,
                               .align = !s.alignment.empty(),
                               .alignment_layer = s.transformer_guided_alignment_layer});
    ScoreInput input(s, interruption.token());
    with_output(s.output, [&](const Write& write) { run(s, scorer, input, interruption.token(), write); });
  } catch (const Interrupted&) {
    return interrupted();
  } catch (const ReadingStopped&) {
    return interrupted();
  } catch (const OutputClosed&) {
    return 1;
  }
  return 0;
}

}  // namespace dragoman
