#include "text/metrics/metrics.h"

#include <array>
#include <string>

#include "base/error.h"
#include "base/fields.h"
#include "text/metrics/characters.h"

namespace dragoman {
namespace {

constexpr std::array<std::string_view, 4> names{"bleu", "chrf", "chrf++", "ter"};

}  // namespace

std::span<const std::string_view> metric_names() { return names; }

std::unique_ptr<Metric> make_metric(std::string_view name, const MetricOptions& options) {
  const std::string lower = python::lowercase(name);
  if (lower == "bleu") return std::make_unique<Bleu>(options.bleu);
  if (lower == "chrf") return std::make_unique<Chrf>(options.chrf);
  if (lower == "chrf++") {
    ChrfOptions with_words = options.chrf;
    with_words.word_order = 2;
    return std::make_unique<Chrf>(with_words);
  }
  if (lower == "ter") return std::make_unique<Ter>(options.ter);
  fail("metrics: unknown metric '{}': expected bleu, chrf, chrf++ or ter{}", name,
       suggestion(lower, {names.begin(), names.end()}));
}

}  // namespace dragoman
