#pragma once
// What all metrics share: a sentence gives a row of numbers, the rows of a corpus are added up, and the score is a
// function of the sums. So corpus scores, sentence scores and bootstrap resampling are written once for all metrics.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// The mean of bootstrap scores and half the width of their central 95%.
struct ConfidenceInterval {
  double mean = 0;
  double half_width = 0;
  int samples = 0;
  std::uint64_t seed = 0;
};

/// A score as it is reported.
struct MetricScore {
  std::string name = {};     ///< BLEU, chrF2, chrF2++ or TER
  double value = 0;          ///< 0 to 100; TER may be larger, and smaller is better there
  std::string details = {};  ///< what BLEU adds: precisions, brevity penalty, lengths
  std::string signature = {};
  std::optional<ConfidenceInterval> confidence = {};

  /// "38.00" or, with a confidence interval, "38.00 (μ = 37.98 ± 1.20)".
  std::string format_value(int width = 2) const;
  /// One line as sacreBLEU writes it: "BLEU|nrefs:1|... = 38.00 70.1/45.3/...".
  std::string format(int width = 2) const;
};

/// The rows of a corpus: for each sentence the numbers that its metric needs.
class StatisticsTable {
 public:
  StatisticsTable(std::size_t rows, std::size_t width) : width_(width), numbers_(rows * width) {}

  std::size_t rows() const { return width_ == 0 ? 0 : numbers_.size() / width_; }
  std::size_t width() const { return width_; }
  std::span<double> row(std::size_t i) { return {numbers_.data() + i * width_, width_}; }
  std::span<const double> row(std::size_t i) const { return {numbers_.data() + i * width_, width_}; }
  std::vector<double> sum() const;

 private:
  std::size_t width_;
  std::vector<double> numbers_;
};

/// A metric with its settings. All functions may be called from many threads.
class Metric {
 public:
  virtual ~Metric() = default;

  virtual std::string name() const = 0;
  /// The settings in sacreBLEU's signature format: "case:mixed|eff:no|tok:13a|smooth:exp".
  virtual std::string settings() const = 0;
  virtual bool larger_is_better() const { return true; }

  /// How many numbers describe a sentence.
  virtual std::size_t width() const = 0;
  /// Fills `numbers`, which has width() elements, for one sentence. REQUIRES: at least one reference.
  virtual void describe(std::string_view hypothesis, std::span<const std::string_view> references,
                        std::span<double> numbers) const = 0;
  /// The score of a corpus (or sentence) whose rows add up to `sums`.
  virtual double value(std::span<const double> sums) const = 0;
  virtual std::string details(std::span<const double>) const { return {}; }

  /// "nrefs:1|bs:1000|seed:12345|case:mixed|...|version:dragoman-0.1.0"; bs and seed only with `confidence`.
  std::string signature(std::size_t references, const std::optional<ConfidenceInterval>& confidence = {}) const;
  MetricScore score(std::span<const double> sums, std::size_t references) const;
};

/// The rows of all sentences. `references` holds streams: references[k][i] belongs to hypotheses[i].
/// Throws Error unless there is at least one stream and all have as many lines as `hypotheses`.
StatisticsTable describe_corpus(const Metric& metric, std::span<const std::string> hypotheses,
                                std::span<const std::vector<std::string>> references);

/// The score of a corpus. Throws as describe_corpus().
MetricScore corpus_score(const Metric& metric, std::span<const std::string> hypotheses,
                         std::span<const std::vector<std::string>> references);

/// Scores one sentence against its references. BLEU should have effective_order set.
MetricScore sentence_score(const Metric& metric, std::string_view hypothesis, std::span<const std::string> references);

}  // namespace dragoman
