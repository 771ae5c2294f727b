#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "format/any_model.h"
#include "format/model_directory.h"
#include "format/model_parameters.h"
#include "format/option_fields.h"
#include "model/build.h"
#include "ops/processor.h"
#include "train/average.h"
#include "train/checkpoint.h"
#include "train/clip.h"
#include "train/loss_weights.h"

namespace dragoman {
namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Target tokens that a worker computes at a time: few, so that a layer's numbers stay in the cache, but more the wider
/// the model, whose gradients of weights are read and written once for each micro-batch. Measured: for width 128, 320
/// gives 7% more than 512 or 192; for width 512, 512 gives 4% more than 256, but takes twice the memory.
int default_micro_batch_words(const TrainSettings& settings) {
  // each time of a recurrent layer is a product of as many rows as sentences: many make it efficient
  const int words = settings.model.type == "s2s" ? 1024 : std::clamp(settings.model.dim_emb * 3 / 4, 320, 1024);
  return settings.training.r_drop_weight > 0 ? words / 2 : words;  // each sentence is computed twice
}

Precision parse_precision(const std::string& name) {
  if (name == "float32") return Precision::float32;
  require(name == "bfloat16", "product-precision: expected float32 or bfloat16, found '{}'", name);
  require(has_operations_in(Precision::bfloat16),
          "product-precision: this processor ({}) has no products of bfloat16, which AVX512_BF16 brings; use float32",
          product_library());
  return Precision::bfloat16;
}

/// Tokens of both sides whose activations and their gradients a workspace holds, for mini-batch-fit. Our micro-batches
/// need far less memory; this only gives a batch the size that the setting asks for.
std::int64_t words_that_fit(const TrainSettings& settings) {
  const ModelOptions& m = settings.model;
  const std::int64_t layers = m.enc_depth + 2 * std::int64_t(m.dec_depth);
  const std::int64_t floats = layers * (12 * std::int64_t(m.dim_emb) + 3 * std::int64_t(m.transformer_dim_ffn)) +
                              2 * std::int64_t(m.dim_vocabs.back());
  return std::max<std::int64_t>(1, (std::int64_t(settings.data.workspace) << 20) / (floats * 2 * 4));
}

/// What the gradient of the sum over target tokens is multiplied with, so that it is that of cost-type.
float gradient_scale(const std::string& cost_type, std::int64_t sentences, std::int64_t tokens) {
  if (cost_type == "ce-sum") return 1;
  if (cost_type == "ce-mean") return 1.0f / float(sentences);
  return 1.0f / float(tokens);  // ce-mean-words, perplexity
}

std::string iteration_path(const std::string& directory, std::uint64_t updates) {
  return directory + "/model.iter" + std::to_string(updates) + ".safetensors";
}

/// The checkpoints of a directory by their number of updates, oldest first.
std::vector<std::pair<std::uint64_t, std::string>> iterations(const std::string& directory) {
  std::vector<std::pair<std::uint64_t, std::string>> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string(), begin = "model.iter", end = ".safetensors";
    if (!name.starts_with(begin) || !name.ends_with(end)) continue;
    const std::string number = name.substr(begin.size(), name.size() - begin.size() - end.size());
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos || number.size() > 18) continue;
    found.emplace_back(std::stoull(number), entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// All settings in force, by name, in YAML.
std::vector<std::pair<std::string, std::string>> in_yaml(TrainSettings settings) {
  std::vector<std::pair<std::string, std::string>> result;
  const Fields fields = describe(settings);
  for (const Field& field : fields.all()) result.emplace_back(field.name, field.yaml());
  return result;
}

BatchReaderOptions reader_options(const TrainSettings& settings) {
  BatchReaderOptions options;
  options.corpus.alphas = settings.vocabulary.sentencepiece_alphas;
  options.words_that_fit = settings.data.mini_batch_fit ? words_that_fit(settings) : 0;
  return options;
}

}  // namespace

Trainer::Trainer(const TrainSettings& settings, const Vocabulary& source, const Vocabulary& target, TextSink bar)
    : settings_(settings),
      source_(source),
      target_(target),
      team_(settings.training.cpu_threads),
      model_(build_model(settings.model, settings.dropout)),
      micro_batch_words_(settings.training.micro_batch_words > 0 ? settings.training.micro_batch_words
                                                                 : default_micro_batch_words(settings)),
      workers_(*model_, team_, micro_batch_words_, parse_precision(settings.training.product_precision)),
      loss_weights_(loss_weights(settings)),
      reader_(settings.data, source, target, reader_options(settings)),
      limits_(limits_of(settings.training)),
      optimizer_(optimizer_settings(settings.training), model_->parameters().values().size()),
      rate_(settings.training, limits_),
      early_stop_(settings.training.valid_metrics, std::uint64_t(std::max(0, settings.training.early_stopping)),
                  parse_stop_on(settings.training.early_stopping_on)),
      bar_(std::move(bar), limits_),
      norm_sums_(norm_parts(model_->parameters().values().size())) {
  if (loss_weights_.look_at_attention()) model_->alignment_layer();  // an error now, not in a worker
}

std::vector<NamedBlock> Trainer::blocks() {
  std::vector<NamedBlock> all = {{"parameters", model_->parameters().values()}};
  for (const NamedBlock& block : optimizer_.state()) all.push_back({"optimizer." + block.name, block.values});
  if (smoothing_) all.push_back({"smoothed", smoothing_->values()});
  return all;
}

std::span<const float> Trainer::best_parameters() const {
  return smoothing_ ? smoothing_->values() : model_->parameters().values();
}

void Trainer::begin() {
  model_->parameters().initialise(settings_.data.seed);
  if (!settings_.training.pretrained_model.empty()) load_pretrained();
  if (settings_.training.exponential_smoothing > 0) {
    smoothing_.emplace(settings_.training.exponential_smoothing, model_->parameters().values());
  }
  const bool resumed = resume();
  save_model_config(settings_.model_path, settings_.model,
                    {source_.bytes(), target_.bytes(), source_.file_ending(), target_.file_ending()});
  const std::string& file = settings_.training.metrics_file;
  metrics_.emplace(file.empty() ? settings_.model_path + "/metrics.jsonl" : file, progress_.updates);
  if (!settings_.training.valid_sets.empty()) {
    validator_.emplace(settings_, source_, target_, team_, micro_batch_words_);
    validator_->set().report.log();
  }
  log::info("{} {}: {} parameters, {} threads, vocabularies of {} and {} pieces, seed {}",
            resumed ? "continuing" : "training", settings_.model_path,
            with_commas(std::uint64_t(model_->parameters().count())), team_.size(), source_.size(), target_.size(),
            settings_.data.seed);
}

void Trainer::load_pretrained() {
  load_any_parameters(settings_.training.pretrained_model, model_->parameters());
  log::info("starting from the parameters of {}", settings_.training.pretrained_model);
}

bool Trainer::resume() {
  const std::string path = training_state_path(settings_.model_path);
  if (settings_.training.no_reload || !file_exists(path)) return false;
  const SavedFields facts = load_training_facts(path);
  require(facts.text("layout") == layout_of(model_->parameters()),
          "{}: this run was started with other model settings or vocabularies; give them, another model directory, or "
          "no-reload to start anew",
          path);
  require(facts.integer("smoothed") == (smoothing_ ? 1u : 0u),
          "{}: exponential-smoothing was {} when this run was started; keep it so, or start anew with no-reload", path,
          facts.integer("smoothed") ? "on" : "off");
  const SavedFields fields = load_training_state(path, blocks());
  optimizer_.set_updates(fields.integer("optimizer-updates"));
  if (smoothing_) smoothing_->set_updates(fields.integer("smoothing-updates"));
  rate_.restore(fields);
  early_stop_.restore(fields);
  if (settings_.training.valid_reset_stalled) early_stop_.reset_stalled();
  guard_.restore(fields);
  divergence_.restore(fields);
  progress_ = restore_progress(fields);
  tally_.restore(fields);
  last_batch_tokens_ = fields.integer("last-batch-tokens");
  last_rate_ = fields.number("last-rate");
  if (settings_.data.no_restore_corpus) {
    reader_.restore({.epoch = std::int64_t(progress_.epoch)});
    progress_.sentences = progress_.batches = 0;
  } else {
    reader_.restore({.epoch = std::int64_t(fields.integer("data-epoch")),
                     .pairs = std::int64_t(fields.integer("data-pairs")),
                     .batch = std::int64_t(fields.integer("data-batch"))});
  }
  validated_at_ = fields.integer("validated-at");
  saved_at_ = progress_.updates;
  log::info("resuming at epoch {}, update {}", progress_.epoch, progress_.updates);
  return true;
}

void Trainer::save() {
  if (saved_at_ == progress_.updates) return;
  bar_.clear();
  SavedFields fields;
  fields.set("layout", layout_of(model_->parameters()));
  fields.set_integer("seed", settings_.data.seed);
  fields.set_integer("smoothed", smoothing_ ? 1 : 0);
  fields.set_integer("optimizer-updates", optimizer_.updates());
  if (smoothing_) fields.set_integer("smoothing-updates", smoothing_->updates());
  rate_.save(fields);
  early_stop_.save(fields);
  guard_.save(fields);
  divergence_.save(fields);
  dragoman::save(progress_, fields);
  tally_.save(fields);
  fields.set_integer("last-batch-tokens", last_batch_tokens_);
  fields.set_number("last-rate", last_rate_);
  fields.set_integer("validated-at", validated_at_);
  const DataPosition& position = reader_.position();
  fields.set_integer("data-epoch", std::uint64_t(position.epoch));
  fields.set_integer("data-pairs", std::uint64_t(position.pairs));
  fields.set_integer("data-batch", std::uint64_t(position.batch));
  metrics_->sync();
  save_model_files();
  save_training_state(training_state_path(settings_.model_path), blocks(), fields);
  saved_at_ = progress_.updates;
  log::info("saved {} at update {}", settings_.model_path, progress_.updates);
}

void Trainer::save_model_files() {
  const Parameters& layout = model_->parameters();
  save_parameters(parameters_path(settings_.model_path), layout, best_parameters());
  if (settings_.training.overwrite) return;
  save_parameters(iteration_path(settings_.model_path, progress_.updates), layout, best_parameters());
  const int keep = std::max(settings_.training.keep_checkpoints,
                            settings_.training.keep_checkpoints > 0 ? settings_.training.average_checkpoints : 0);
  if (keep == 0) return;
  const auto all = iterations(settings_.model_path);
  for (std::size_t i = 0; i + std::size_t(keep) < all.size(); ++i) std::filesystem::remove(all[i].second);
}

void Trainer::update() {
  const double begin_time = now();
  std::vector<Batch> batches;
  const double delay = std::max(1.0, settings_.training.optimizer_delay);
  bool epoch_ended = false;
  while (double(batches.size()) < delay) {
    auto batch = reader_.next();
    if (!batch) {
      epoch_ended = true;
      break;
    }
    batches.push_back(std::move(*batch));
  }
  if (!batches.empty()) {
    std::int64_t sentences = 0, tokens = 0;
    for (const Batch& batch : batches) {
      sentences += batch.sentences();
      tokens += batch.target_words();
    }
    const float scale = gradient_scale(settings_.training.cost_type, sentences, tokens);
    const Random random = Random(settings_.data.seed).fork(0x64726f70).fork(progress_.updates + guard_.skipped());
    const GradientResult result =
        workers_.compute(batches, float(settings_.training.label_smoothing), scale, random, loss_weights_);
    const double norm = gradient_norm_of_workers();
    const double cost = result.loss.smoothed / double(tokens);
    progress_.batches += batches.size();
    progress_.sentences += std::uint64_t(sentences);
    if (guard_.accepts(cost, norm)) {
      ++progress_.updates;
      progress_.tokens += std::uint64_t(tokens);
      last_batch_tokens_ = std::uint64_t(tokens);
      apply_gradients(norm);
      const double seconds = now() - begin_time;
      progress_.seconds += seconds;
      tally_.add(result.loss.smoothed, std::uint64_t(tokens), std::uint64_t(sentences), norm, seconds);
      bar_.update(progress_, cost, std::uint64_t(tokens), seconds, now());
      if (settings_.training.throw_on_divergence) {
        if (const auto reason = divergence_.update(cost)) fail("training diverges: {}", *reason);
      }
    } else {
      log::warn("update {}: cost {} and gradient norm {}: the batch is skipped", progress_.updates + 1, cost, norm);
    }
  }
  if (epoch_ended) end_epoch();
}

double Trainer::gradient_norm_of_workers() {
  const std::span<const float> gradients = workers_.gradients();
  const std::size_t parts = norm_sums_.size(), threads = std::size_t(team_.size());
  team_.run([&](int index) {
    const std::size_t i = std::size_t(index);
    sum_parts(gradients, parts * i / threads, parts * (i + 1) / threads, norm_sums_);
  });
  return norm_of_parts(norm_sums_);
}

void Trainer::apply_gradients(double norm) {
  last_rate_ = rate_.at(progress_);
  optimizer_.begin_update(last_rate_, clip_scale(norm, settings_.training.clip_norm));
  if (smoothing_) smoothing_->begin_update();
  const std::span<float> values = model_->parameters().values();
  team_.run([&](int index) {
    const auto [begin, end] = share_of(values.size(), index, team_.size());
    optimizer_.update_range(values, workers_.gradients(), begin, end);
    if (smoothing_) smoothing_->update_range(values, begin, end);
  });
  rate_.after_update(progress_);
}

void Trainer::end_epoch() {
  if (progress_.epoch == 1) reader_.report().log();
  progress_.next_epoch();
  if (rate_.after_epoch(progress_)) log::info("lr-decay after an epoch: learning rate times {:.4g}", rate_.factor());
}

void Trainer::after_update(const Progress& before) {
  const TrainingOptions& o = settings_.training;
  if (period_passed(o.disp_freq, before, progress_) || progress_.updates <= std::uint64_t(std::max(0, o.disp_first))) {
    log_progress();
  }
  if (validator_ && period_passed(o.valid_freq, before, progress_)) validate();
  if (period_passed(o.save_freq, before, progress_)) save();
}

void Trainer::log_progress() {
  if (tally_.updates == 0) return;
  const TrainingOptions& o = settings_.training;
  bar_.clear();
  log::info("{}", train_line(progress_, tally_,
                             {.cost_type = o.cost_type,
                              .label_counts = o.disp_label_counts,
                              .batch_tokens = last_batch_tokens_,
                              .learning_rate = last_rate_,
                              .show_rate = o.lr_report,
                              .logical_epoch = o.logical_epoch}));
  metrics_->train(progress_, tally_, last_rate_, guard_.skipped());
  tally_ = {};
}

void Trainer::validate() {
  if (validated_at_ == progress_.updates) return;
  bar_.clear();
  const auto& wanted = settings_.training.valid_metrics;
  if (std::find(wanted.begin(), wanted.end(), "valid-script") != wanted.end()) {
    save_parameters(parameters_path(settings_.model_path), model_->parameters(), best_parameters());
  }
  const Validation result = validator_->run(best_parameters(), progress_);
  for (const auto& [metric, value] : result.metrics) {
    const Verdict verdict = early_stop_.report(metric, value);
    const std::string line = valid_line(progress_, metric, value, verdict, settings_.training.logical_epoch);
    log::info("{}", line);
    if (const std::string& path = settings_.training.valid_log; !path.empty()) {
      std::ofstream file(path, std::ios::app);
      file << line << std::endl;
      require(file.good(), "valid-log: cannot write {}", path);
    }
    metrics_->valid(progress_, metric, value, verdict);
    if (verdict.is_best && settings_.training.keep_best) {
      save_parameters(settings_.model_path + "/model.best-" + metric + ".safetensors", model_->parameters(),
                      best_parameters());
    }
  }
  for (const TranslationSample& sample : result.samples) metrics_->sample(progress_, sample);
  if (!result.translations.empty() && !settings_.quiet_translation) {
    for (std::size_t line = 0; line < std::min<std::size_t>(3, result.translations.size()); ++line) {
      log::info("  source      {}", validator_->set().sources[line]);
      log::info("  translation {}", result.translations[line]);
      log::info("  reference   {}", validator_->set().targets[line]);
    }
  }
  const std::uint64_t stalled = early_stop_.stalled(settings_.training.valid_metrics.front());
  if (rate_.after_validation(stalled)) {
    log::info("lr-decay after {} stalled validations: learning rate times {:.4g}", stalled, rate_.factor());
  }
  validated_at_ = progress_.updates;
}

bool Trainer::finished() const {
  if (limits_.reached(progress_)) return true;
  if (validator_ && early_stop_.should_stop()) return true;
  const double minutes = settings_.training.after_minutes;
  return minutes > 0 && seconds_of_this_run_ >= 60 * minutes;
}

TrainingEnd Trainer::run() {
  const double start = now();
  begin();
  TrainingEnd end;
  if (finished()) {
    log::info("nothing to do: this run has reached its end at update {}; a later limit continues it",
              progress_.updates);
    return end;
  }
  metrics_->start(progress_, in_yaml(settings_));
  while (!finished()) {
    const Progress before = progress_;
    update();
    after_update(before);
    seconds_of_this_run_ = now() - start;
    if (signals_.requested()) {
      end.signal = signals_.signal();
      break;
    }
  }
  bar_.clear();
  if (end.signal != 0 && settings_.training.sigterm == "exit-immediately") return end;
  save();  // before what only the end of a run does, so that a run with a later limit goes on as if this were none
  if (end.signal != 0) {
    metrics_->end(progress_, end.signal == SIGINT ? "SIGINT" : "SIGTERM");
    log::info("stopped by a signal at update {}; the same command continues", progress_.updates);
    return end;
  }
  log_progress();
  if (validator_) validate();
  metrics_->end(progress_, "finished");
  if (settings_.training.average_checkpoints > 1) average();
  log::info("training finished: {} updates, {} target tokens, {:.0f} s", progress_.updates,
            with_commas(progress_.tokens), progress_.seconds);
  return end;
}

void Trainer::average() {
  std::vector<std::string> newest;
  for (const auto& [updates, path] : iterations(settings_.model_path)) {
    if (updates <= progress_.updates) newest.push_back(path);
  }
  const std::size_t count = std::min(newest.size(), std::size_t(settings_.training.average_checkpoints));
  require(count > 0, "average-checkpoints: there are no checkpoints in {}; they are kept unless overwrite is set",
          settings_.model_path);
  newest.erase(newest.begin(), newest.end() - std::ptrdiff_t(count));
  average_checkpoints(newest, parameters_path(settings_.model_path));
  log::info("{} is the average of the last {} checkpoints", parameters_path(settings_.model_path), count);
  if (validator_) {
    std::vector<float> kept(model_->parameters().values().begin(), model_->parameters().values().end());
    load_parameters(parameters_path(settings_.model_path), model_->parameters());
    for (const auto& [metric, value] : validator_->run(model_->parameters().values(), progress_).metrics) {
      log::info("[valid] average of {} checkpoints : {} : {:.4f}", count, metric, value);
    }
    std::copy(kept.begin(), kept.end(), model_->parameters().values().begin());
  }
}

}  // namespace dragoman
