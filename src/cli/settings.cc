#include "cli/settings.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "cli/command_line.h"
#include "format/option_fields.h"
#include "search/sampling.h"
#include "translate/alignment_format.h"

namespace dragoman {
namespace {

/// Marian names a model that it makes by its file; ours is a folder, unless it is that file which is there.
void drop_npz(std::string& path) {
  if (path.ends_with(".npz") && path.size() > 4 && !file_exists(path)) path.resize(path.size() - 4);
}

/// The same of a model that there should be already; what is nowhere keeps its name, for the error.
void find_model(std::string& path) {
  std::string folder = path;
  drop_npz(folder);
  if (file_exists(folder)) path = folder;
}

void check_shortlist(std::vector<std::string>& shortlist) {
  if (shortlist.size() == 1 && shortlist[0] == "false") shortlist.clear();
  require(shortlist.size() <= 4, "shortlist: expected a file and at most three numbers, found {} values",
          shortlist.size());
}

bool is_stdin(const std::string& path) { return path == "stdin" || path == "-"; }

/// Both sides of a corpus, with Marian's shortcuts for standard input.
void complete_corpus(std::vector<std::string>& sets, bool& tsv) {
  if (tsv && sets.empty()) sets = {"stdin"};
  if (sets.size() == 1 && is_stdin(sets[0])) tsv = true;
  if (sets.empty()) throw UsageError("train-sets: expected a source and a target file, found none");
  if (tsv) {
    require(sets.size() == 1, "train-sets: expected one file of tab-separated columns, as tsv says, found {}",
            sets.size());
    return;
  }
  require(sets.size() == 2, "train-sets: expected a source and a target file (or one file with tsv), found {}",
          sets.size());
  require(!is_stdin(sets[0]) && !is_stdin(sets[1]),
          "train-sets: standard input must be the only one, with tab-separated columns");
}

void check_fields_of_tsv(int tsv_fields) {
  require(tsv_fields != 1, "tsv-fields: expected at least 2 columns, source and target, found 1");
}

void check_vocabs(const std::vector<std::string>& vocabs) {
  require(vocabs.empty() || vocabs.size() == 2,
          "vocabs: expected two vocabularies, source and target (the same twice for a joint one), found {}",
          vocabs.size());
}

void check_schedule(const TrainingOptions& o) {
  if (!o.lr_decay_inv_sqrt.empty()) {
    require(o.lr_decay_inv_sqrt.size() <= 2, "lr-decay-inv-sqrt: expected one or two periods, found {}",
            o.lr_decay_inv_sqrt.size());
    const Period period = parse_period(o.lr_decay_inv_sqrt[0], "lr-decay-inv-sqrt");
    const Period start = parse_period(o.lr_decay_inv_sqrt.back(), "lr-decay-inv-sqrt");
    require(start.count == 0 || start.unit == period.unit,
            "lr-decay-inv-sqrt: both periods must have the same unit, found {} and {}", o.lr_decay_inv_sqrt[0],
            o.lr_decay_inv_sqrt[1]);
  }
  const bool is_double = o.lr_decay_strategy.find('+') != std::string::npos;
  require(o.lr_decay == 0 || !is_double || o.lr_decay_start.size() == 2,
          "lr-decay-start: expected two numbers for lr-decay-strategy {}, found {}", o.lr_decay_strategy,
          o.lr_decay_start.size());
  require(o.lr_decay == 0 || is_double || o.lr_decay_start.size() == 1,
          "lr-decay-start: expected one number for lr-decay-strategy {}, found {}", o.lr_decay_strategy,
          o.lr_decay_start.size());
  const auto is_limit = [](const std::string& text) { return parse_period(text, "after").count > 0; };
  const bool has_end =
      o.after_epochs > 0 || o.after_batches > 0 || std::any_of(o.after.begin(), o.after.end(), is_limit);
  require(o.lr_schedule.empty() || has_end,
          "lr-schedule {} decays until the end of training: say when that is with after, after-epochs or after-batches",
          o.lr_schedule);
}

void check_optimizer(const TrainingOptions& o) {
  const std::size_t most = o.optimizer == "adam" || o.optimizer == "adamw" ? 3 : 1;
  // Marian ignores what an optimiser has no use for, but a fourth number for Adam is a mistake.
  require(o.optimizer_params.size() <= std::max<std::size_t>(most, 3),
          "optimizer-params: expected at most {} numbers for {}, found {}", most, o.optimizer,
          o.optimizer_params.size());
  require(o.optimizer_delay > 0, "optimizer-delay: expected a number above 0, found 0");
  if (most == 3) {
    for (std::size_t i = 0; i < std::min<std::size_t>(2, o.optimizer_params.size()); ++i) {
      require(o.optimizer_params[i] < 1, "optimizer-params: expected beta{} below 1, found {}", i + 1,
              o.optimizer_params[i]);
    }
  }
}

void check_validation(const TrainSettings& s) {
  const TrainingOptions& o = s.training;
  if (o.valid_sets.empty()) return;
  const std::size_t expected = s.data.tsv ? 1 : 2;
  require(o.valid_sets.size() == expected, "valid-sets: expected {} as for train-sets, found {}",
          expected == 1 ? "one file" : "two files", o.valid_sets.size());
  require(!o.valid_metrics.empty(), "valid-metrics: expected at least one for valid-sets, found none");
  const auto has = [&](const char* metric) {
    return std::find(o.valid_metrics.begin(), o.valid_metrics.end(), metric) != o.valid_metrics.end();
  };
  require(!has("valid-script") || !o.valid_script_path.empty(), "valid-metrics: valid-script needs valid-script-path");
}

}  // namespace

void complete(TrainSettings& s) {
  drop_npz(s.model_path);
  find_model(s.training.pretrained_model);
  require(!s.model_path.empty(), "model: expected the name of a folder, found nothing");
  complete_corpus(s.data.train_sets, s.data.tsv);
  check_fields_of_tsv(s.data.tsv_fields);
  check_vocabs(s.data.vocabs);
  // A pretrained model brings its own.
  if (s.data.vocabs.empty() && s.training.pretrained_model.empty()) {
    s.data.vocabs.assign(2, s.model_path + "/vocabulary.spm");
  }
  if (s.model.dim_vocabs.size() == 1) s.model.dim_vocabs.assign(2, s.model.dim_vocabs[0]);
  if (s.model.dim_vocabs.empty()) s.model.dim_vocabs.assign(2, 0);
  s.data.max_length = s.model.max_length;
  check_model_options(s.model, "model");
  const bool ties_sides = s.model.tied_embeddings_src || s.model.tied_embeddings_all;
  if (ties_sides && !s.data.vocabs.empty() && s.data.vocabs[0] != s.data.vocabs[1]) {
    fail("{} needs one vocabulary for both sides, and vocabs are {} and {}",
         s.model.tied_embeddings_all ? "tied-embeddings-all" : "tied-embeddings-src", s.data.vocabs[0],
         s.data.vocabs[1]);
  }
  const auto& alphas = s.vocabulary.sentencepiece_alphas;
  require(alphas.size() <= 2, "sentencepiece-alphas: expected one number for each side, found {}", alphas.size());
  check_schedule(s.training);
  check_optimizer(s.training);
  check_validation(s);
  if (s.training.metrics_file.empty()) s.training.metrics_file = s.model_path + "/metrics.jsonl";
}

void complete(TranslateSettings& s) {
  if (s.models.empty()) throw UsageError("models: expected at least one model directory, found none");
  for (auto& model : s.models) find_model(model);
  check_vocabs(s.vocabs);
  check_shortlist(s.shortlist);
  const bool has_prefix_file = s.force_decode && !s.tsv;
  require(s.input.size() == (has_prefix_file ? 2 : 1), "input: expected {}, found {}",
          has_prefix_file ? "a source file and a file of prefixes (or one file with tsv)" : "one file", s.input.size());
  require(!has_prefix_file || !is_stdin(s.input[0]) || !is_stdin(s.input[1]),
          "input: standard input cannot be both the source and the prefixes; tsv reads both from it");
  require(s.search.weights.empty() || s.search.weights.size() == s.models.size(),
          "weights: expected one for each of {} models, found {}", s.models.size(), s.search.weights.size());
  parse_sampling(s.search.output_sampling);
  parse_alignment_style(s.alignment);
  require(s.search.max_length == 0 || s.search.min_length <= s.search.max_length,
          "min-decoding-length {} is above max-decoding-length {}", s.search.min_length, s.search.max_length);
}

void complete(const ServedModels& served) {
  if (served.models.empty() && served.configs.empty()) {
    throw UsageError("models: expected at least one model (-m) or Marian configuration (-c), found none");
  }
}

void complete(ScoreSettings& s) {
  find_model(s.model_path);
  require(!s.model_path.empty(), "model: expected the name of a folder, found nothing");
  complete_corpus(s.train_sets, s.tsv);
  parse_alignment_style(s.alignment);
  require(s.alignment.empty() || s.summary.empty(),
          "alignment: expected no summary, which prints one figure for all pairs");
  check_fields_of_tsv(s.tsv_fields);
  check_vocabs(s.vocabs);
}

void start_log(const GeneralOptions& options, const std::vector<std::string>& notes) {
  set_up_log({.level = options.log_level, .file = options.log, .quiet = options.quiet});
  for (const auto& note : notes) log::info("{}", note);
}

}  // namespace dragoman
