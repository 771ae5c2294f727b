#pragma once
// BLEU (Papineni, Roukos, Ward and Zhu 2002): the geometric mean of the precisions of word n-grams up to 4, times a
// penalty for translations that are too short. Equal to sacreBLEU 2 (Post 2018).

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/metrics/metric.h"
#include "text/metrics/tokenize.h"

namespace dragoman {

inline constexpr std::size_t bleu_order = 4;

/// What stands in for a precision of zero (Chen and Cherry 2014).
enum class BleuSmoothing {
  exp,    ///< half, a quarter, ... of one match at each order without a match (mteval-v13a)
  floor,  ///< `smooth_value` matches
  add_k,  ///< `smooth_value` more matches and n-grams at every order above 1
  none,   ///< nothing: the score is 0
};

/// From and to the names exp, floor, add-k and none. Throws Error for another name, listing these.
BleuSmoothing bleu_smoothing(std::string_view name);
std::string_view name_of(BleuSmoothing smoothing);

struct BleuOptions {
  bool lowercase = false;
  BleuTokenizer tokenizer = BleuTokenizer::mteval_13a;
  BleuSmoothing smoothing = BleuSmoothing::exp;
  std::optional<double> smooth_value = {};  ///< by default 0.1 for floor and 1 for add-k
  bool effective_order = false;             ///< leave out orders longer than the text: for single sentences
};

/// A BLEU score and what it was computed from.
struct BleuScore {
  double score = 0;  ///< 0 to 100
  std::array<double, bleu_order> matches{}, totals{}, precisions{};
  double brevity_penalty = 1;
  double hypothesis_length = 0, reference_length = 0;

  /// "70.1/45.3/31.0/21.2 (BP = 1.000 ratio = 1.010 hyp_len = 1010 ref_len = 1000)"
  std::string details() const;
  /// "BLEU = 38.00 70.1/45.3/...": the readable line.
  std::string format(int width = 2) const;
};

class Bleu : public Metric {
 public:
  explicit Bleu(const BleuOptions& options = {}) : options_(options) {}

  std::string name() const override { return "BLEU"; }
  std::string settings() const override;
  std::size_t width() const override { return 2 + 2 * bleu_order; }
  void describe(std::string_view hypothesis, std::span<const std::string_view> references,
                std::span<double> numbers) const override;
  double value(std::span<const double> sums) const override { return compute(sums).score; }
  std::string details(std::span<const double> sums) const override { return compute(sums).details(); }

  /// The score of sums as describe() gives them: both lengths, matches by order, n-grams by order.
  BleuScore compute(std::span<const double> sums) const;

 private:
  BleuOptions options_;
};

/// BLEU of a corpus; references[k][i] belongs to hypotheses[i]. Throws as describe_corpus().
BleuScore corpus_bleu(std::span<const std::string> hypotheses, std::span<const std::vector<std::string>> references,
                      const BleuOptions& options = {});

/// BLEU of one sentence, with effective order whatever `options` says, as sacreBLEU's command line does.
BleuScore sentence_bleu(std::string_view hypothesis, std::span<const std::string> references, BleuOptions options = {});

}  // namespace dragoman
