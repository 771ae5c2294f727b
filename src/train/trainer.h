#pragma once
// The training loop.

#include <memory>
#include <optional>
#include <vector>

#include "dragoman/train_settings.h"
#include "model/seq2seq.h"
#include "text/batch_reader.h"
#include "text/vocabulary.h"
#include "train/divergence.h"
#include "train/early_stop.h"
#include "train/gradient_workers.h"
#include "train/limits.h"
#include "train/log_lines.h"
#include "train/metrics_file.h"
#include "train/optimizer.h"
#include "train/progress_bar.h"
#include "train/schedule.h"
#include "train/signals.h"
#include "train/smoothing.h"
#include "train/train.h"
#include "train/validate.h"

namespace dragoman {

/// A run of updates. All of its state is in members that checkpoints hold, so that a run that goes on from a checkpoint
/// does bit for bit what it would have done without the interruption. Checkpoints are written between updates only.
class Trainer {
 public:
  /// `settings` are complete: dim-vocabs and seed are known.
  Trainer(const TrainSettings& settings, const Vocabulary& source, const Vocabulary& target, TextSink bar);

  TrainingEnd run();

 private:
  void begin();
  bool resume();
  void load_pretrained();
  void update();
  void apply_gradients(double norm);
  double gradient_norm_of_workers();
  void end_epoch();
  void after_update(const Progress& before);
  bool finished() const;

  void log_progress();
  void validate();
  void save();
  void save_model_files();
  void average();

  std::vector<NamedBlock> blocks();
  std::span<const float> best_parameters() const;

  const TrainSettings settings_;
  const Vocabulary &source_, &target_;
  ThreadTeam team_;
  std::unique_ptr<Seq2Seq> model_;
  int micro_batch_words_;
  GradientWorkers workers_;
  const LossWeights loss_weights_;
  BatchReader reader_;
  Limits limits_;

  // what a checkpoint holds
  Optimizer optimizer_;
  std::optional<ExponentialSmoothing> smoothing_;
  LearningRate rate_;
  EarlyStop early_stop_;
  FiniteGuard guard_;
  DivergenceDetector divergence_;
  Progress progress_;
  Tally tally_;

  std::optional<Validator> validator_;
  std::optional<MetricsFile> metrics_;
  ProgressBar bar_;
  StopSignals signals_;
  std::vector<double> norm_sums_;
  std::uint64_t last_batch_tokens_ = 0;
  std::uint64_t validated_at_ = 0;  ///< updates when it was last validated
  std::uint64_t saved_at_ = ~std::uint64_t(0);
  double last_rate_ = 0;
  double seconds_of_this_run_ = 0;
};

}  // namespace dragoman
