#include "cli/evaluate.h"

#include <unistd.h>

#include <iostream>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "cli/evaluate_options.h"
#include "cli/evaluate_output.h"
#include "text/line_reader.h"
#include "text/metrics/characters.h"

namespace dragoman {
namespace {

/// All lines of a file, without white space at their ends: files with CR or padding score the same.
std::vector<std::string> read_lines(const std::string& path) {
  LineReader reader(path, {.max_bytes = 0});
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.emplace_back(python::strip_right(line));
  reader.report().log();
  return lines;
}

std::string display_name(const std::string& path) { return is_standard_input(path) ? "standard input" : path; }

/// Published scores are of detokenised text; a corpus full of " ." was most likely not detokenised.
void warn_if_tokenized(const std::string& path, const std::vector<std::string>& lines) {
  int tokenized = 0;
  for (const std::string& line : lines) tokenized += line.ends_with(" .");
  if (tokenized < 100) return;
  log::warn(
      "{}: {} lines end in a period of its own; if they were not detokenised, scores cannot be compared to published "
      "ones (--tokenize none says that they are meant to be so)",
      display_name(path), tokenized);
}

class Evaluation {
 public:
  explicit Evaluation(const EvaluateOptions& options) : options_(options) {
    for (const std::string& name : options_.metrics) metrics_.push_back(make_metric(name, options_.metric_options));
    for (const std::string& path : options_.references) references_.push_back(read_lines(path));
    baseline_ = read_hypotheses(options_.hypotheses);
  }

  void run() const {
    if (options_.sentence_level) {
      by_sentence();
    } else if (!options_.paired.empty()) {
      paired();
    } else {
      by_corpus();
    }
  }

 private:
  std::vector<std::string> read_hypotheses(const std::string& path) const {
    std::vector<std::string> lines = read_lines(path);
    for (std::size_t k = 0; k < references_.size(); ++k) {
      require(references_[k].size() == lines.size(), "{} has {} lines, but its reference {} has {}", display_name(path),
              lines.size(), display_name(options_.references[k]), references_[k].size());
    }
    require(!lines.empty(), "{} has no lines", display_name(path));
    if (options_.metric_options.bleu.tokenizer != BleuTokenizer::none) warn_if_tokenized(path, lines);
    return lines;
  }

  void by_sentence() const {
    std::vector<MetricScore> scores(metrics_.size());
    std::vector<std::string> references(references_.size());
    for (std::size_t i = 0; i < baseline_.size(); ++i) {
      for (std::size_t k = 0; k < references_.size(); ++k) references[k] = references_[k][i];
      for (std::size_t m = 0; m < metrics_.size(); ++m)
        scores[m] = sentence_score(*metrics_[m], baseline_[i], references);
      print_sentence(std::cout, i + 1, scores, options_.output);
    }
  }

  void by_corpus() const {
    std::vector<MetricScore> scores;
    for (const auto& metric : metrics_) {
      const StatisticsTable table = describe_corpus(*metric, baseline_, references_);
      scores.push_back(metric->score(table.sum(), references_.size()));
      if (!options_.confidence) continue;
      const BootstrapOptions bootstrap{.samples = *options_.confidence, .seed = options_.seed};
      scores.back().confidence = confidence_interval(bootstrap_scores(*metric, table, bootstrap), bootstrap);
      scores.back().signature = metric->signature(references_.size(), scores.back().confidence);
    }
    print_scores(std::cout, scores, options_.output);
  }

  void paired() const {
    const BootstrapOptions bootstrap{.samples = options_.confidence.value_or(1000), .seed = options_.seed};
    std::vector<SystemScores> systems;
    std::vector<std::vector<double>> samples_of_baseline(metrics_.size());
    const auto add = [&](const std::string& path, const std::vector<std::string>& lines) {
      SystemScores system{.name = display_name(path)};
      for (std::size_t m = 0; m < metrics_.size(); ++m) {
        const StatisticsTable table = describe_corpus(*metrics_[m], lines, references_);
        const std::vector<double> samples = bootstrap_scores(*metrics_[m], table, bootstrap);
        MetricScore score = metrics_[m]->score(table.sum(), references_.size());
        score.confidence = confidence_interval(samples, bootstrap);
        score.signature = metrics_[m]->signature(references_.size(), score.confidence);
        if (systems.empty()) {
          samples_of_baseline[m] = samples;
        } else {
          const double difference = score.value - systems[0].scores[m].value;
          system.p_values.push_back(paired_p_value(samples_of_baseline[m], samples, difference));
        }
        system.scores.push_back(std::move(score));
      }
      systems.push_back(std::move(system));
    };
    add(options_.hypotheses, baseline_);
    for (const std::string& path : options_.paired) add(path, read_hypotheses(path));
    print_systems(std::cout, systems, options_.output);
  }

  EvaluateOptions options_;
  std::vector<std::unique_ptr<Metric>> metrics_;
  std::vector<std::vector<std::string>> references_;
  std::vector<std::string> baseline_;
};

}  // namespace

int evaluate_command(const std::vector<std::string>& arguments) {
  const EvaluateOptions options = parse_evaluate_options(arguments);
  if (options.help) {
    std::cout << evaluate_help();
  } else {
    require(!options.hypotheses_by_default || isatty(STDIN_FILENO) == 0,
            "evaluate: no HYPOTHESES: name a file before the options, or - for standard input; --help shows an "
            "example");
    Evaluation(options).run();
  }
  std::cout.flush();
  require(std::cout.good(), "evaluate: cannot write to standard output");
  return 0;
}

}  // namespace dragoman
