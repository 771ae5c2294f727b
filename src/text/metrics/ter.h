#pragma once
// TER (Snover et al. 2006): the least number of edits, namely words inserted, deleted, substituted, and sequences of
// words shifted, that turn a translation into a reference, per reference word. Equal to sacreBLEU 2, which follows
// tercom but for degenerate cases. Smaller is better.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/metrics/metric.h"
#include "text/metrics/tokenize.h"

namespace dragoman {

using TerOptions = TercomOptions;

struct TerScore {
  double score = 0;  ///< 100 * edits / words: 0 is perfect, above 100 is possible
  double edits = 0;
  double reference_length = 0;  ///< words; the mean over several references

  /// "TER = 45.00": the readable line.
  std::string format(int width = 2) const;
};

class Ter : public Metric {
 public:
  explicit Ter(const TerOptions& options = {}) : options_(options) {}

  std::string name() const override { return "TER"; }
  std::string settings() const override;
  bool larger_is_better() const override { return false; }
  std::size_t width() const override { return 2; }
  /// Edits to the nearest reference, and the mean length of the references.
  void describe(std::string_view hypothesis, std::span<const std::string_view> references,
                std::span<double> numbers) const override;
  double value(std::span<const double> sums) const override;

 private:
  TerOptions options_;
};

/// TER of a corpus; references[k][i] belongs to hypotheses[i]. Throws as describe_corpus().
TerScore corpus_ter(std::span<const std::string> hypotheses, std::span<const std::vector<std::string>> references,
                    const TerOptions& options = {});

}  // namespace dragoman
