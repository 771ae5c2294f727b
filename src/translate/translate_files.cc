#include "translate/translate_files.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "translate/interruption.h"
#include "translate/output_file.h"
#include "translate/output_format.h"
#include "translate/parallel.h"
#include "translate/source_lines.h"

namespace dragoman {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::int64_t count_words(const std::string& line) {
  std::int64_t words = 0;
  bool in_word = false;
  for (const char c : line) {
    const bool space = c == ' ' || c == '\t';
    words += in_word && space ? 1 : 0;
    in_word = !space;
  }
  return words + (in_word ? 1 : 0);
}

std::uint64_t seed_of(const TranslateSettings& s) {
  if (s.seed != 0 || s.search.output_sampling.empty()) return s.seed;
  const auto seed = std::uint64_t(std::chrono::system_clock::now().time_since_epoch().count());
  log::info("Sampling with seed {}", seed);
  return seed;
}

TranslatorOptions translator_options(const TranslateSettings& s, const ModelSet& models) {
  return {.search = s.search,
          .batching = s.batching,
          .source = {.max_length = s.max_length,
                     .crop = s.max_length_crop,
                     .language = models.models.front().config.source_language,
                     .pieces = s.no_spm_encode},
          .print_pieces = s.no_spm_decode,
          .seed = seed_of(s),
          .align = !s.alignment.empty(),
          .alignment_layer = s.transformer_guided_alignment_layer};
}

/// One run over the input.
class Run {
 public:
  Run(const TranslateSettings& settings, const ModelSet& models, std::stop_token stop)
      : settings_(settings),
        stop_(std::move(stop)),
        translator_(models, translator_options(settings, models)),
        input_(settings, stop_) {}

  /// `lines` counts those that were written.
  void translate(const Write& write, std::int64_t& lines_written) {
    const OutputFormat format{.n_best = settings_.search.n_best,
                              .word_scores = settings_.word_scores,
                              .skip_cost = settings_.skip_cost,
                              .alignment = parse_alignment_style(settings_.alignment)};
    std::vector<SourceLine> lines;
    std::string output;
    while (read(lines)) {
      const auto translations =
          translator_.translate(lines, stop_, [this](int sentences, int) { note_batch(sentences); });
      output.clear();
      for (std::size_t i = 0; i < lines.size(); ++i) {
        output += format_translation(translations[i], lines[i].number, format);
        for (const Suspicion suspicion : translations[i].suspicions) suspicions_.add(suspicion, lines[i].number);
        words_ += count_words(lines[i].text);
      }
      write(output);
      lines_written = lines_ += std::int64_t(lines.size());
    }
  }

  void report() const {
    input_.report().log();
    suspicions_.log();
    if (settings_.quiet_translation) return;
    const double seconds = std::max(seconds_since(start_), 1e-3);
    log::info("Translated {} {}, {} source words in {:.2f}s : {:.2f} words/s : {:.2f} sentences/s", lines_,
              lines_ == 1 ? "line" : "lines", words_, seconds, double(words_) / seconds, double(lines_) / seconds);
  }

 private:
  /// The lines that are translated together next; false at the end.
  bool read(std::vector<SourceLine>& lines) {
    constexpr std::size_t most_bytes = 16 << 20;
    const auto& batching = settings_.batching;
    const bool by_line = is_standard_input(settings_.input[0]) && ::isatty(STDIN_FILENO) == 1;
    const std::int64_t most = by_line ? 1 : std::int64_t(batching.mini_batch) * batching.maxi_batch;
    lines.clear();
    std::size_t bytes = 0;
    for (SourceLine line; std::int64_t(lines.size()) < most && bytes < most_bytes && input_.next(line);) {
      bytes += line.text.size() + line.prefix.size();
      lines.push_back(std::move(line));
    }
    return !lines.empty();
  }

  /// Called by the workers, one at a time.
  void note_batch(int sentences) {
    sentences_ += sentences;
    ++batches_;
    const auto every = std::int64_t(settings_.stat_freq.count);
    if (every <= 0 || batches_ % every != 0 || settings_.quiet_translation) return;
    const double seconds = std::max(seconds_since(start_), 1e-3);
    log::info("Translated {} sentences in {:.2f}s : {:.2f} sentences/s", sentences_, seconds,
              double(sentences_) / seconds);
  }

  const TranslateSettings& settings_;
  std::stop_token stop_;
  Translator translator_;
  SourceLines input_;
  SuspicionReport suspicions_;
  Clock::time_point start_ = Clock::now();
  std::int64_t lines_ = 0, words_ = 0, sentences_ = 0, batches_ = 0;
};

}  // namespace

int translate_files(const TranslateSettings& settings) {
  const Interruption interruption;
  std::int64_t lines = 0;
  const auto interrupted = [&] {
    const bool to_file = settings.output != "stdout" && settings.output != "-";
    log::error("Interrupted after {} lines: {}", lines,
               to_file ? settings.output + " was not written" : "the output is not whole");
    return interruption.exit_code();
  };
  try {
    const ModelSet models = load_models(
        settings.models,
        {.vocabs = settings.vocabs, .shortlist = settings.shortlist, .gemm_precision = settings.gemm_precision});
    Run run(settings, models, interruption.token());
    with_output(settings.output, [&](const Write& write) { run.translate(write, lines); });
    run.report();
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
