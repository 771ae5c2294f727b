#include "text/metrics/chrf.h"

#include <algorithm>
#include <cstdint>

#include "base/error.h"
#include "text/metrics/characters.h"
#include "text/metrics/ngrams.h"

namespace dragoman {
namespace {

constexpr int longest = 6;          // characters in a packed n-gram
constexpr int character_bits = 21;  // of a code point plus one, so that 0 is free to say "the text ends here"

/// At every position of a text the next six characters, the first of them in the highest bits, in ascending order.
/// The n-grams of any order are prefixes of these, and stay in order when the rest is cut off.
std::vector<PackedNgram> sorted_suffixes(std::u32string_view text) {
  std::vector<PackedNgram> suffixes(text.size());
  PackedNgram window = 0;
  for (std::size_t i = text.size(); i-- > 0;) {
    window = window >> character_bits | PackedNgram(text[i] + 1) << ((longest - 1) * character_bits);
    suffixes[i] = window;
  }
  std::sort(suffixes.begin(), suffixes.end());
  return suffixes;
}

/// The n-grams of one order, from sorted_suffixes().
NgramCounts prefixes(const std::vector<PackedNgram>& suffixes, int order) {
  constexpr PackedNgram last_character = (PackedNgram(1) << character_bits) - 1;
  NgramCounts counts;
  counts.reserve(suffixes.size());
  for (const PackedNgram suffix : suffixes) {
    const PackedNgram ngram = suffix >> ((longest - order) * character_bits);
    if ((ngram & last_character) == 0) continue;  // the text ends before
    if (counts.empty() || counts.back().first != ngram) counts.emplace_back(ngram, 0);
    ++counts.back().second;
  }
  return counts;
}

bool is_ascii_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/// Words with one mark of punctuation set apart: the last character or else the first, as chrF++.py does it, so that
/// "(hi)" becomes "(hi" and ")".
std::vector<std::string_view> separate_punctuation(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : python::split_words(text)) {
    const bool one_character = python::decode_utf8(word).size() == 1;
    if (!one_character && is_ascii_punctuation(word.back())) {
      words.push_back(word.substr(0, word.size() - 1));
      words.push_back(word.substr(word.size() - 1));
    } else if (!one_character && is_ascii_punctuation(word.front())) {
      words.push_back(word.substr(0, 1));
      words.push_back(word.substr(1));
    } else {
      words.push_back(word);
    }
  }
  return words;
}

/// The n-grams of a text by order, characters first.
std::vector<NgramCounts> count_all(std::string_view text, const ChrfOptions& options, WordNumbers& number_words) {
  std::u32string characters = python::decode_utf8(text);
  if (!options.whitespace) std::erase_if(characters, python::is_space);
  const std::vector<PackedNgram> suffixes = sorted_suffixes(characters);
  std::vector<NgramCounts> counts;
  for (int n = 1; n <= options.char_order; ++n) counts.push_back(prefixes(suffixes, n));
  if (options.word_order > 0) {
    const std::vector<std::uint32_t> words = number_words(separate_punctuation(text));
    for (int n = 1; n <= options.word_order; ++n) counts.push_back(count_ngrams(words, static_cast<std::size_t>(n)));
  }
  return counts;
}

int total(const NgramCounts& counts) {
  int sum = 0;
  for (const auto& [ngram, count] : counts) sum += count;
  return sum;
}

}  // namespace

std::string ChrfScore::format(int width) const { return fmt::format("{} = {:.{}f}", name, score, width); }

Chrf::Chrf(const ChrfOptions& options) : options_(options) {
  require(options.char_order >= 1 && options.char_order <= longest, "chrf-char-order: expected 1 to {}, found {}",
          longest, options.char_order);
  require(options.word_order >= 0 && options.word_order <= 4, "chrf-word-order: expected 0 to 4, found {}",
          options.word_order);
  require(options.beta >= 1 && options.beta <= 1000, "chrf-beta: expected 1 to 1000, found {}", options.beta);
}

std::string Chrf::name() const {
  return fmt::format("chrF{}{}", options_.beta, std::string(static_cast<std::size_t>(options_.word_order), '+'));
}

std::string Chrf::settings() const {
  return fmt::format("case:{}|eff:{}|nc:{}|nw:{}|space:{}", options_.lowercase ? "lc" : "mixed",
                     options_.eps_smoothing ? "no" : "yes", options_.char_order, options_.word_order,
                     options_.whitespace ? "yes" : "no");
}

void Chrf::describe(std::string_view hypothesis, std::span<const std::string_view> references,
                    std::span<double> numbers) const {
  std::vector<std::string> texts;  // owns the words that `number_words` has views of
  texts.reserve(references.size() + 1);
  const auto prepare = [&](std::string_view text) {
    return options_.lowercase ? python::lowercase(text) : std::string(text);
  };
  texts.push_back(prepare(hypothesis));
  for (const std::string_view reference : references) texts.push_back(prepare(reference));

  WordNumbers number_words;
  const std::vector<NgramCounts> ours = count_all(texts[0], options_, number_words);
  double best = -1;
  std::vector<double> candidate(numbers.size());
  for (std::size_t k = 1; k < texts.size(); ++k) {
    const std::vector<NgramCounts> theirs = count_all(texts[k], options_, number_words);
    for (std::size_t n = 0; n < ours.size(); ++n) {
      // An order that the reference is too short for does not count against the hypothesis.
      candidate[3 * n] = theirs[n].empty() ? 0 : total(ours[n]);
      candidate[3 * n + 1] = total(theirs[n]);
      candidate[3 * n + 2] = count_matches(ours[n], theirs[n]);
    }
    const double score = value(candidate);
    if (score > best) {
      best = score;
      std::copy(candidate.begin(), candidate.end(), numbers.begin());
    }
  }
}

double Chrf::value(std::span<const double> sums) const {
  constexpr double eps = 1e-16;
  const double factor = options_.beta * options_.beta;
  const std::size_t orders = sums.size() / 3;
  double sum_of_scores = 0, precision = 0, recall = 0;
  int present = 0;
  for (std::size_t n = 0; n < orders; ++n) {
    const double hypothesis = sums[3 * n], reference = sums[3 * n + 1], matches = sums[3 * n + 2];
    const double p = hypothesis > 0 ? matches / hypothesis : eps;
    const double r = reference > 0 ? matches / reference : eps;
    const double denominator = factor * p + r;
    sum_of_scores += denominator > 0 ? (1 + factor) * p * r / denominator : eps;
    if (hypothesis > 0 && reference > 0) {
      precision += p;
      recall += r;
      ++present;
    }
  }
  if (options_.eps_smoothing) return 100 * sum_of_scores / static_cast<double>(orders);
  if (present == 0 || precision + recall == 0) return 0;
  precision /= present;
  recall /= present;
  return 100 * (1 + factor) * precision * recall / (factor * precision + recall);
}

ChrfScore corpus_chrf(std::span<const std::string> hypotheses, std::span<const std::vector<std::string>> references,
                      const ChrfOptions& options) {
  const Chrf metric(options);
  return {metric.name(), metric.value(describe_corpus(metric, hypotheses, references).sum())};
}

}  // namespace dragoman
