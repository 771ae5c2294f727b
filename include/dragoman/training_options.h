#pragma once
// How a model is trained.

#include <cstdint>
#include <string>
#include <vector>

namespace dragoman {

/// A stretch of training in Marian's notation: "10000" or "10000u" updates, "500Mt" target tokens, "20e" epochs
/// (k, M, G multiply by 1e3, 1e6, 1e9). 0 of anything means never.
struct Period {
  enum class Unit { updates, tokens, epochs };
  double count = 0;
  Unit unit = Unit::updates;
  bool operator==(const Period&) const = default;
};

/// Parses Marian's notation; throws Error naming `setting`.
Period parse_period(const std::string& text, const std::string& setting);
std::string to_string(const Period& period);

/// Settings of the training loop, with Marian's names, meanings and defaults.
struct TrainingOptions {
  std::string pretrained_model;               ///< a model directory to start from
  int cpu_threads = 0;                        ///< worker threads; 0: one per core
  std::string product_precision = "float32";  ///< (ours) of the factors of matrix products: float32 or bfloat16
  int micro_batch_words = 0;                  ///< (ours) tokens that one worker computes at a time; 0: chosen

  std::string cost_type = "ce-sum";  ///< ce-mean, ce-mean-words, ce-sum or perplexity: what is minimised and shown
  double label_smoothing = 0;        ///< share of the probability spread over all tokens
  double cross_entropy_weight = 1;   ///< (ours) of cross-entropy in what is minimised
  double mse_weight = 0;             ///< (ours) of the squared error of the distribution against the one-hot reference
  double mse_embeddings_weight = 0;  ///< (ours) of the squared distance of output vectors from target embeddings
  double attention_loss_weight = 0;  ///< (ours) beta of -beta log p sum alpha^2 over the weights of cross-attention
  double r_drop_weight = 0;          ///< (ours) alpha of R-Drop; 0: one pass over each sentence
  std::string guided_alignment_cost = "ce";  ///< ce, mse or mult
  double guided_alignment_weight = 0.1;      ///< of guided alignment, with guided-alignment
  std::string optimizer = "adam";            ///< sgd, adagrad, adam or (ours) adamw
  std::vector<double> optimizer_params;      ///< adam, adamw: beta1, beta2, eps; sgd: momentum; adagrad: eps
  double weight_decay = 0;                   ///< (ours) decoupled with adamw, else L2
  double optimizer_delay = 1;                ///< batches whose gradients are summed before an update
  double learn_rate = 0.0001;
  Period lr_warmup;  ///< grow linearly up to learn-rate over this period
  double lr_warmup_start_rate = 0;
  std::vector<std::string> lr_decay_inv_sqrt;  ///< after this period divide by sqrt(step / period); second: start
  std::string lr_schedule;                     ///< (ours) linear or cosine: decay to lr-final at the end of training
  double lr_final = 0;                         ///< (ours) where linear and cosine decay end
  double lr_decay = 0;                         ///< multiply the rate by this, as lr-decay-strategy says; 0: off
  std::string lr_decay_strategy = "epoch+stalled";  ///< epoch, batches, stalled, epoch+batches, epoch+stalled
  std::vector<int> lr_decay_start = {10, 1};        ///< first of the strategy's units at which lr-decay acts
  int lr_decay_freq = 50000;                        ///< batches between decays with strategy batches
  bool lr_report = false;                           ///< show the rate in the log lines
  double clip_norm = 1;                             ///< largest gradient norm; 0: no clipping
  double exponential_smoothing = 0;                 ///< rate of the moving average of parameters; 0: off
  bool throw_on_divergence = false;                 ///< stop with an error when the cost diverges
  bool check_gradient_nan = false;  ///< skip batches with a gradient that is not finite (always on here)

  std::vector<std::string> after = {"0e"};           ///< stop after any of these periods
  int after_epochs = 0;                              ///< stop after so many epochs; 0: no limit
  int after_batches = 0;                             ///< stop after so many updates; 0: no limit
  double after_minutes = 0;                          ///< (ours) stop after so many minutes of this run; 0: no limit
  Period disp_freq = {1000, Period::Unit::updates};  ///< a log line this often
  int disp_first = 0;                                ///< and for each of the first updates
  bool disp_label_counts = true;
  Period save_freq = {10000, Period::Unit::updates};
  bool overwrite = false;                 ///< keep only the newest model, not one for each save
  int keep_checkpoints = 0;               ///< (ours) keep this many of the newest when not overwriting; 0: all
  int average_checkpoints = 0;            ///< (ours) at the end average the newest so many; 0: off
  bool no_reload = false;                 ///< start anew even if the model directory holds a training state
  std::string sigterm = "save-and-exit";  ///< what SIGTERM and SIGINT do: save-and-exit or exit-immediately
  Period logical_epoch = {1, Period::Unit::epochs};
  std::string metrics_file;  ///< (ours) machine-readable metrics; empty: metrics.jsonl in the model

  std::vector<std::string> valid_sets;
  Period valid_freq = {10000, Period::Unit::updates};
  std::vector<std::string> valid_metrics = {
      "cross-entropy"};     ///< cross-entropy, ce-mean-words, perplexity, bleu, chrf, translation, valid-script
  int early_stopping = 10;  ///< validations without a new best before training stops; 0: never
  std::string early_stopping_on = "first";  ///< which metrics must stall: first, all or any
  bool keep_best = false;                   ///< keep the best model of each metric
  int valid_mini_batch = 32;
  int valid_samples = 4;  ///< (ours) sentences whose translation each validation records in the metrics file; 0: none
  int valid_max_length = 1000;
  bool valid_reset_stalled = false;
  std::string valid_script_path;  ///< prints the metric for the translation given as its argument
  std::vector<std::string> valid_script_args;
  std::string valid_translation_output;  ///< where validation translations are kept; {U} {E} {B} {T} are filled in
  std::string valid_log;
};

}  // namespace dragoman
