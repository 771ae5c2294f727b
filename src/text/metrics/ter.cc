#include "text/metrics/ter.h"

#include <algorithm>
#include <cstdint>

#include "base/error.h"
#include "text/metrics/characters.h"
#include "text/metrics/ngrams.h"
#include "text/metrics/shifts.h"

namespace dragoman {
namespace {

/// sacreBLEU tokenises references, but not hypotheses, twice, which shows with normalization: ".,3" becomes ". ,3" at
/// first and ". , 3" then. Equal scores need the same.
std::string prepare_reference(std::string_view text, const TerOptions& options) {
  const std::string once = tokenize_tercom(python::strip_right(text), options);
  if (!options.normalized) return once;
  return tokenize_tercom(fmt::format("{}", fmt::join(python::split_words(once), " ")), options);
}

}  // namespace

std::string TerScore::format(int width) const { return fmt::format("TER = {:.{}f}", score, width); }

std::string Ter::settings() const {
  const auto yes = [](bool value) { return value ? "yes" : "no"; };
  return fmt::format("case:{}|tok:tercom|norm:{}|punct:{}|asian:{}", options_.case_sensitive ? "mixed" : "lc",
                     yes(options_.normalized), yes(!options_.no_punct), yes(options_.asian_support));
}

void Ter::describe(std::string_view hypothesis, std::span<const std::string_view> references,
                   std::span<double> numbers) const {
  const std::string text = tokenize_tercom(python::strip_right(hypothesis), options_);
  double fewest = 0, length = 0;
  for (std::size_t k = 0; k < references.size(); ++k) {
    const std::string reference = prepare_reference(references[k], options_);
    WordNumbers number_words;
    const std::vector<std::uint32_t> theirs = number_words(python::split_words(reference));
    const double edits = count_edits(number_words(python::split_words(text)), theirs);
    fewest = k == 0 ? edits : std::min(fewest, edits);
    length += static_cast<double>(theirs.size());
  }
  numbers[0] = fewest;
  numbers[1] = length / static_cast<double>(references.size());
}

double Ter::value(std::span<const double> sums) const {
  if (sums[1] > 0) return 100 * (sums[0] / sums[1]);
  return sums[0] > 0 ? 100 : 0;  // nothing was expected: all wrong, or all right
}

TerScore corpus_ter(std::span<const std::string> hypotheses, std::span<const std::vector<std::string>> references,
                    const TerOptions& options) {
  const Ter metric(options);
  const std::vector<double> sums = describe_corpus(metric, hypotheses, references).sum();
  return {metric.value(sums), sums[0], sums[1]};
}

}  // namespace dragoman
