#pragma once
// Measuring a model on held-out pairs while it is trained.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/train_settings.h"
#include "model/seq2seq.h"
#include "text/validation_set.h"
#include "text/vocabulary.h"
#include "train/gradient_workers.h"
#include "train/progress.h"
#include "train/valid_samples.h"

namespace dragoman {

/// What one validation found.
struct Validation {
  std::vector<std::pair<std::string, double>> metrics;  ///< in the order of valid-metrics
  std::vector<std::string> translations;                ///< of all lines, if a metric needed them
  std::vector<TranslationSample> samples;               ///< as many as valid-samples says
};

/// Computes the metrics of valid-metrics:
///   cross-entropy   nats per sentence;  ce-mean-words  nats per target token;  perplexity  e to that
///   bleu, chrf      of real beam-search output (detokenised) against the reference lines, as `dragoman evaluate`
///   bleu-segmented  BLEU of the subword pieces
///   translation     what valid-script-path prints for a file of the translations, as its last argument
///   valid-script    what it prints for the model directory, as its last argument
class Validator {
 public:
  /// Reads the set. Throws Error for unknown metrics and missing settings.
  Validator(const TrainSettings& settings, const Vocabulary& source, const Vocabulary& target, ThreadTeam& team,
            int micro_batch_words);

  /// Measures a model with the settings' architecture and these parameters (a flat block). `progress` fills in
  /// {E}, {U}, {B} and {T} of valid-translation-output.
  Validation run(std::span<const float> parameters, const Progress& progress);

  const ValidationSet& set() const { return set_; }

 private:
  /// Lines by their place in the set; those that are in no batch stay empty.
  std::vector<std::string> translate(const std::vector<Batch>& batches, std::vector<std::vector<int>>* ids);
  double segmented_bleu(const std::vector<std::vector<int>>& ids) const;
  double run_script(const std::string& argument) const;

  const TrainSettings& settings_;
  const Vocabulary &source_, &target_;
  ThreadTeam& team_;
  ValidationSet set_;
  std::vector<Batch> batches_;
  std::vector<std::size_t> sample_lines_;
  std::vector<Batch> sample_batches_;  ///< the pairs of sample_lines_
  std::unique_ptr<Seq2Seq> model_;
  GradientWorkers losses_;
};

}  // namespace dragoman
