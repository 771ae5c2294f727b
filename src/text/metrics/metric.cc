#include "text/metrics/metric.h"

#include "base/error.h"

namespace dragoman {
namespace {

/// What the signatures name: scores equal sacreBLEU's, but it is this program that computed them.
constexpr std::string_view program_version = "dragoman-0.1.0";

}  // namespace

std::string MetricScore::format_value(int width) const {
  std::string text = fmt::format("{:.{}f}", value, width);
  if (confidence && confidence->mean > 0) {
    text += fmt::format(" (μ = {:.{}f} ± {:.{}f})", confidence->mean, width, confidence->half_width, width);
  }
  return text;
}

std::string MetricScore::format(int width) const {
  return fmt::format("{}{}{} = {}{}{}", name, signature.empty() ? "" : "|", signature, format_value(width),
                     details.empty() ? "" : " ", details);
}

std::vector<double> StatisticsTable::sum() const {
  std::vector<double> sums(width_);
  for (std::size_t i = 0; i < numbers_.size(); ++i) sums[i % width_] += numbers_[i];
  return sums;
}

std::string Metric::signature(std::size_t references, const std::optional<ConfidenceInterval>& confidence) const {
  std::string text = fmt::format("nrefs:{}|", references);
  if (confidence) text += fmt::format("bs:{}|seed:{}|", confidence->samples, confidence->seed);
  return text + settings() + fmt::format("|version:{}", program_version);
}

MetricScore Metric::score(std::span<const double> sums, std::size_t references) const {
  return {.name = name(), .value = value(sums), .details = details(sums), .signature = signature(references)};
}

StatisticsTable describe_corpus(const Metric& metric, std::span<const std::string> hypotheses,
                                std::span<const std::vector<std::string>> references) {
  require(!references.empty(), "{}: no references", metric.name());
  for (std::size_t k = 0; k < references.size(); ++k) {
    require(references[k].size() == hypotheses.size(), "{}: {} hypotheses, but {} lines of reference {}", metric.name(),
            hypotheses.size(), references[k].size(), k + 1);
  }
  StatisticsTable table(hypotheses.size(), metric.width());
  std::vector<std::string_view> sentence(references.size());
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    for (std::size_t k = 0; k < references.size(); ++k) sentence[k] = references[k][i];
    metric.describe(hypotheses[i], sentence, table.row(i));
  }
  return table;
}

MetricScore corpus_score(const Metric& metric, std::span<const std::string> hypotheses,
                         std::span<const std::vector<std::string>> references) {
  return metric.score(describe_corpus(metric, hypotheses, references).sum(), references.size());
}

MetricScore sentence_score(const Metric& metric, std::string_view hypothesis, std::span<const std::string> references) {
  require(!references.empty(), "{}: no references", metric.name());
  const std::vector<std::string_view> views(references.begin(), references.end());
  std::vector<double> numbers(metric.width());
  metric.describe(hypothesis, views, numbers);
  return metric.score(numbers, references.size());
}

}  // namespace dragoman
