#include "text/metrics/bleu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/error.h"
#include "text/metrics/characters.h"
#include "text/metrics/ngrams.h"

namespace dragoman {
namespace {

constexpr std::array<std::pair<BleuSmoothing, std::string_view>, 4> names{{
    {BleuSmoothing::exp, "exp"},
    {BleuSmoothing::floor, "floor"},
    {BleuSmoothing::add_k, "add-k"},
    {BleuSmoothing::none, "none"},
}};

double smooth_value(const BleuOptions& options) {
  return options.smooth_value.value_or(options.smoothing == BleuSmoothing::floor ? 0.1 : 1.0);
}

std::string prepare(std::string_view text, const BleuOptions& options) {
  return tokenize(options.tokenizer,
                  python::strip_right(options.lowercase ? python::lowercase(text) : std::string(text)));
}

/// The reference length nearest to the hypothesis' length; of two equally near, the shorter.
std::size_t nearest_length(std::size_t length, std::span<const std::size_t> references) {
  const auto distance = [&](std::size_t other) { return other > length ? other - length : length - other; };
  return *std::min_element(references.begin(), references.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(distance(a), a) < std::pair(distance(b), b);
  });
}

}  // namespace

BleuSmoothing bleu_smoothing(std::string_view name) {
  for (const auto& [smoothing, its_name] : names) {
    if (name == its_name) return smoothing;
  }
  fail("smooth-method: expected exp, floor, add-k or none, found '{}'", name);
}

std::string_view name_of(BleuSmoothing smoothing) {
  for (const auto& [candidate, name] : names) {
    if (candidate == smoothing) return name;
  }
  return {};
}

std::string BleuScore::details() const {
  std::string text;
  for (const double precision : precisions) text += fmt::format("{}{:.1f}", text.empty() ? "" : "/", precision);
  const double ratio = reference_length > 0 ? hypothesis_length / reference_length : 0;
  return text + fmt::format(" (BP = {:.3f} ratio = {:.3f} hyp_len = {:.0f} ref_len = {:.0f})", brevity_penalty, ratio,
                            hypothesis_length, reference_length);
}

std::string BleuScore::format(int width) const { return fmt::format("BLEU = {:.{}f} {}", score, width, details()); }

std::string Bleu::settings() const {
  std::string smoothing(name_of(options_.smoothing));
  if (options_.smoothing == BleuSmoothing::floor || options_.smoothing == BleuSmoothing::add_k) {
    smoothing += fmt::format("[{:.2f}]", smooth_value(options_));
  }
  return fmt::format("case:{}|eff:{}|tok:{}|smooth:{}", options_.lowercase ? "lc" : "mixed",
                     options_.effective_order ? "yes" : "no", name_of(options_.tokenizer), smoothing);
}

void Bleu::describe(std::string_view hypothesis, std::span<const std::string_view> references,
                    std::span<double> numbers) const {
  std::vector<std::string> texts;  // owns the words that `ids` has views of
  texts.reserve(references.size() + 1);
  texts.push_back(prepare(hypothesis, options_));
  for (const std::string_view reference : references) texts.push_back(prepare(reference, options_));

  WordNumbers number_words;
  const std::vector<std::uint32_t> words = number_words(python::split_words(texts[0]));
  std::vector<std::vector<std::uint32_t>> reference_words;
  std::vector<std::size_t> lengths;
  for (std::size_t k = 1; k < texts.size(); ++k) {
    reference_words.push_back(number_words(python::split_words(texts[k])));
    lengths.push_back(reference_words.back().size());
  }
  numbers[0] = static_cast<double>(words.size());
  numbers[1] = static_cast<double>(nearest_length(words.size(), lengths));
  for (std::size_t n = 1; n <= bleu_order; ++n) {
    // Each n-gram may be matched as often as it occurs in the reference that has most of it.
    NgramCounts most = count_ngrams(reference_words[0], n);
    for (std::size_t k = 1; k < reference_words.size(); ++k) {
      NgramCounts merged;
      visit_both(most, count_ngrams(reference_words[k], n),
                 [&](PackedNgram ngram, int a, int b) { merged.emplace_back(ngram, std::max(a, b)); });
      most = std::move(merged);
    }
    numbers[1 + n] = count_matches(count_ngrams(words, n), most);
    numbers[1 + bleu_order + n] = words.size() >= n ? static_cast<double>(words.size() - n + 1) : 0;
  }
}

BleuScore Bleu::compute(std::span<const double> sums) const {
  BleuScore result;
  result.hypothesis_length = sums[0];
  result.reference_length = sums[1];
  std::copy_n(sums.begin() + 2, bleu_order, result.matches.begin());
  std::copy_n(sums.begin() + 2 + bleu_order, bleu_order, result.totals.begin());
  if (sums[0] < sums[1]) result.brevity_penalty = sums[0] > 0 ? std::exp(1 - sums[1] / sums[0]) : 0.0;
  if (std::all_of(result.matches.begin(), result.matches.end(), [](double count) { return count == 0; })) return result;

  double halvings = 1;
  std::size_t order = bleu_order;
  for (std::size_t n = 0; n < bleu_order; ++n) {
    if (options_.smoothing == BleuSmoothing::add_k && n > 0) {
      result.matches[n] += smooth_value(options_);
      result.totals[n] += smooth_value(options_);
    }
    if (result.totals[n] == 0) break;
    if (options_.effective_order) order = n + 1;
    if (result.matches[n] > 0) {
      result.precisions[n] = 100 * result.matches[n] / result.totals[n];
    } else if (options_.smoothing == BleuSmoothing::exp) {
      halvings *= 2;
      result.precisions[n] = 100 / (halvings * result.totals[n]);
    } else if (options_.smoothing == BleuSmoothing::floor) {
      result.precisions[n] = 100 * smooth_value(options_) / result.totals[n];
    }
  }
  double logarithms = 0;
  for (std::size_t n = 0; n < order; ++n) {
    if (result.precisions[n] == 0) return result;  // the mean is zero, too
    logarithms += std::log(result.precisions[n]);
  }
  result.score = result.brevity_penalty * std::exp(logarithms / static_cast<double>(order));
  return result;
}

BleuScore corpus_bleu(std::span<const std::string> hypotheses, std::span<const std::vector<std::string>> references,
                      const BleuOptions& options) {
  const Bleu metric(options);
  return metric.compute(describe_corpus(metric, hypotheses, references).sum());
}

BleuScore sentence_bleu(std::string_view hypothesis, std::span<const std::string> references, BleuOptions options) {
  require(!references.empty(), "BLEU: no references");
  options.effective_order = true;
  const Bleu metric(options);
  const std::vector<std::string_view> views(references.begin(), references.end());
  std::vector<double> numbers(metric.width());
  metric.describe(hypothesis, views, numbers);
  return metric.compute(numbers);
}

}  // namespace dragoman
