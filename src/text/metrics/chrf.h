#pragma once
// chrF (Popović 2015): the F-score of character n-grams, recall weighing beta times as much as precision; chrF++
// (Popović 2017) adds the n-grams of words. Equal to sacreBLEU 2.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/metrics/metric.h"

namespace dragoman {

struct ChrfOptions {
  int char_order = 6;  ///< 1 to 6
  int word_order = 0;  ///< 0 to 4; 2 for chrF++
  int beta = 2;        ///< at least 1
  bool lowercase = false;
  bool whitespace = false;     ///< spaces count as characters
  bool eps_smoothing = false;  ///< average over all orders, as chrF++.py, NLTK and Moses do, not only those present
};

struct ChrfScore {
  std::string name;  ///< chrF2, chrF2++
  double score = 0;  ///< 0 to 100

  /// "chrF2 = 60.00": the readable line.
  std::string format(int width = 2) const;
};

class Chrf : public Metric {
 public:
  /// Throws Error if an order or beta is out of range.
  explicit Chrf(const ChrfOptions& options = {});

  std::string name() const override;
  std::string settings() const override;
  /// For each order, characters first: n-grams of the hypothesis, of the reference, of both.
  std::size_t width() const override {
    return static_cast<std::size_t>(3 * (options_.char_order + options_.word_order));
  }
  /// Of several references the one with the highest score counts.
  void describe(std::string_view hypothesis, std::span<const std::string_view> references,
                std::span<double> numbers) const override;
  double value(std::span<const double> sums) const override;

 private:
  ChrfOptions options_;
};

/// chrF of a corpus; references[k][i] belongs to hypotheses[i]. Throws as describe_corpus().
ChrfScore corpus_chrf(std::span<const std::string> hypotheses, std::span<const std::vector<std::string>> references,
                      const ChrfOptions& options = {});

}  // namespace dragoman
