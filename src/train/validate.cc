#include "train/validate.h"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "base/error.h"
#include "base/files.h"
#include "decode/decode.h"
#include "model/build.h"
#include "text/metrics/metrics.h"

namespace dragoman {
namespace {

constexpr std::array known_metrics = {"cross-entropy",  "ce-mean-words", "perplexity",  "bleu",
                                      "bleu-segmented", "chrf",          "translation", "valid-script"};

bool asks_for(const TrainSettings& settings, const std::string& metric) {
  const auto& metrics = settings.training.valid_metrics;
  return std::find(metrics.begin(), metrics.end(), metric) != metrics.end();
}

bool needs_translations(const TrainSettings& settings) {
  return asks_for(settings, "bleu") || asks_for(settings, "bleu-segmented") || asks_for(settings, "chrf") ||
         asks_for(settings, "translation") || !settings.training.valid_translation_output.empty();
}

void check_metrics(const TrainingOptions& training) {
  for (const std::string& metric : training.valid_metrics) {
    require(std::find(known_metrics.begin(), known_metrics.end(), metric) != known_metrics.end(),
            "valid-metrics: expected {}, found '{}'", fmt::join(known_metrics, ", "), metric);
    require((metric != "translation" && metric != "valid-script") || !training.valid_script_path.empty(),
            "valid-metrics: {} needs valid-script-path", metric);
  }
}

std::unique_ptr<Seq2Seq> model_of(const TrainSettings& settings, const Vocabulary& source, const Vocabulary& target) {
  ModelOptions options = settings.model;
  options.dim_vocabs = {source.size(), target.size()};
  return build_model(options);
}

/// Quotes a word for the shell.
std::string quoted(const std::string& word) {
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string filled_in(std::string text, const Progress& progress) {
  const std::pair<std::string, std::uint64_t> values[] = {
      {"{E}", progress.epoch}, {"{U}", progress.updates}, {"{B}", progress.batches}, {"{T}", progress.tokens}};
  for (const auto& [name, value] : values) {
    for (std::size_t at; (at = text.find(name)) != std::string::npos;) text.replace(at, 3, std::to_string(value));
  }
  return text;
}

}  // namespace

Validator::Validator(const TrainSettings& settings, const Vocabulary& source, const Vocabulary& target,
                     ThreadTeam& team, int micro_batch_words)
    : settings_((check_metrics(settings.training), settings)),
      source_(source),
      target_(target),
      team_(team),
      set_(read_validation_set({.files = settings.training.valid_sets, .tsv = settings.data.tsv}, source, target,
                               settings.training.valid_max_length)),
      model_(model_of(settings, source, target)),
      losses_(*model_, team, micro_batch_words) {
  // sentences of like length together, so that a beam's rows end at about the same time
  std::stable_sort(set_.pairs.begin(), set_.pairs.end(),
                   [](const SentencePair& a, const SentencePair& b) { return a.source.size() > b.source.size(); });
  const int batch_size = std::max(1, settings.training.valid_mini_batch);
  batches_ = set_.batches(batch_size, source, target);
  sample_lines_ = sample_lines(set_, settings.training.valid_samples);
  ValidationSet samples;
  for (const SentencePair& pair : set_.pairs) {
    const std::size_t line = std::size_t(pair.line - 1);
    if (std::binary_search(sample_lines_.begin(), sample_lines_.end(), line)) samples.pairs.push_back(pair);
  }
  sample_batches_ = samples.batches(batch_size, source, target);
}

Validation Validator::run(std::span<const float> parameters, const Progress& progress) {
  std::copy(parameters.begin(), parameters.end(), model_->parameters().values().begin());
  Validation result;
  LossSums loss;
  if (asks_for(settings_, "cross-entropy") || asks_for(settings_, "ce-mean-words") ||
      asks_for(settings_, "perplexity")) {
    loss = losses_.evaluate(batches_);
  }
  std::vector<std::vector<int>> ids;
  if (needs_translations(settings_)) result.translations = translate(batches_, &ids);
  if (!sample_lines_.empty()) {
    result.samples = samples_of(
        set_, needs_translations(settings_) ? result.translations : translate(sample_batches_, &ids), sample_lines_);
  }
  std::string text;
  for (const std::string& line : result.translations) text += line + "\n";
  if (!settings_.training.valid_translation_output.empty()) {
    write_atomically(filled_in(settings_.training.valid_translation_output, progress), text);
  }
  for (const std::string& metric : settings_.training.valid_metrics) {
    double value = 0;
    if (metric == "cross-entropy") value = loss.cross_entropy / double(set_.pairs.size());
    if (metric == "ce-mean-words") value = loss.cross_entropy / double(loss.tokens);
    if (metric == "perplexity") value = std::exp(loss.cross_entropy / double(loss.tokens));
    if (metric == "bleu") value = corpus_bleu(result.translations, std::span(&set_.targets, 1)).score;
    if (metric == "chrf") value = corpus_chrf(result.translations, std::span(&set_.targets, 1)).score;
    if (metric == "bleu-segmented") value = segmented_bleu(ids);
    if (metric == "valid-script") value = run_script(settings_.model_path);
    if (metric == "translation") {
      const std::string path = settings_.model_path + "/valid.translations.txt";
      write_atomically(path, text);
      value = run_script(path);
    }
    result.metrics.emplace_back(metric, value);
  }
  return result;
}

std::vector<std::string> Validator::translate(const std::vector<Batch>& batches, std::vector<std::vector<int>>* ids) {
  std::vector<std::string> lines(set_.sources.size());
  ids->assign(set_.sources.size(), {});
  std::atomic<std::size_t> next{0};
  team_.run([&](int) {
    Arena arena;
    for (std::size_t b; (b = next++) < batches.size();) {
      const Batch& batch = batches[b];
      const auto found = decode(*model_, arena, {batch.source_ids, batch.source_offsets},
                                {.end = target_.end_id(), .unknown = target_.unk_id()}, settings_.search);
      for (std::size_t s = 0; s < found.size(); ++s) {
        const std::size_t line = std::size_t(batch.lines[s] - 1);
        if (batch.source_offsets[s + 1] - batch.source_offsets[s] == 1) continue;  // an empty line stays empty
        (*ids)[line] = found[s].front().tokens;
        lines[line] = target_.decode(found[s].front().tokens);
      }
    }
  });
  return lines;
}

double Validator::segmented_bleu(const std::vector<std::vector<int>>& ids) const {
  const auto pieces = [&](const std::vector<int>& tokens) {
    std::string text;
    for (const int id : tokens) text += (text.empty() ? "" : " ") + target_.piece(id);
    return text;
  };
  std::vector<std::string> hypotheses, references(ids.size());
  for (const auto& tokens : ids) hypotheses.push_back(pieces(tokens));
  for (const SentencePair& pair : set_.pairs) references[std::size_t(pair.line - 1)] = pieces(pair.target);
  BleuOptions options;
  options.tokenizer = BleuTokenizer::none;
  return corpus_bleu(hypotheses, std::span(&references, 1), options).score;
}

double Validator::run_script(const std::string& argument) const {
  std::string command = quoted(settings_.training.valid_script_path);
  for (const std::string& word : settings_.training.valid_script_args) command += " " + quoted(word);
  command += " " + quoted(argument);
  FILE* pipe = ::popen(command.c_str(), "r");
  require(pipe != nullptr, "valid-script-path: cannot run {}", command);
  std::string output;
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
  const int status = ::pclose(pipe);
  require(status == 0, "valid-script-path: {} ended with status {}", command,
          WIFEXITED(status) ? WEXITSTATUS(status) : status);
  char* end = nullptr;
  const double value = std::strtod(output.c_str(), &end);
  require(end != output.c_str(), "valid-script-path: expected a number from {}, found '{}'", command,
          output.substr(0, 80));
  return value;
}

}  // namespace dragoman
