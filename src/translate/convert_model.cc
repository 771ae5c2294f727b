#include "translate/convert_model.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/folders.h"
#include "base/log.h"
#include "base/words.h"
#include "format/ctranslate2_export.h"
#include "format/marian_model.h"
#include "format/model_directory.h"
#include "model/quantize.h"
#include "text/line_reader.h"
#include "translate/model_set.h"
#include "translate/translator.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

constexpr int most_calibration_lines = 2000;

ExportedVocabulary exported(const Vocabulary& vocabulary) {
  ExportedVocabulary result{.tokens = {},
                            .end = vocabulary.end_id(),
                            .unknown = vocabulary.unk_id(),
                            .sentencepiece_model = vocabulary.sentencepiece_model()};
  for (int id = 0; id < vocabulary.size(); ++id) result.tokens.push_back(vocabulary.piece(id));
  return result;
}

/// In the order of ExportedWeights.
constexpr std::string_view weight_types[] = {"none", "float16", "bfloat16", "int16", "int8"};

/// Models of ours and of Marian's have one file for a vocabulary.
void require_files(const ModelSet& set, const ConvertSettings& settings) {
  for (const Vocabulary& vocabulary : {set.source, set.target}) {
    require(!vocabulary.file_ending().empty(),
            "{}: no vocabulary of --to {} can say what its tokens are and how a SentencePiece model with other numbers "
            "cuts lines into them (or its special tokens are not </s> and <unk>); translate with {} as it is",
            vocabulary.name(), settings.to, settings.model);
  }
}

void to_ctranslate2(const ModelSet& set, const ConvertSettings& settings, const std::string& folder) {
  const bool joint = set.source.bytes() == set.target.bytes();
  const auto weights = std::find(std::begin(weight_types), std::end(weight_types), settings.quantize);
  export_ctranslate2(folder, *set.models.front().model, exported(set.source), exported(set.target), joint,
                     ExportedWeights(weights - std::begin(weight_types)));
}

void to_safetensors(const ModelSet& set, const ConvertSettings& settings, const std::string& folder) {
  require_files(set, settings);
  const LoadedModel& model = set.models.front();
  const ElementType type = settings.quantize == "bfloat16"  ? ElementType::bf16
                           : settings.quantize == "float16" ? ElementType::f16
                                                            : ElementType::f32;
  save_model(folder, *model.model,
             {set.source.bytes(), set.target.bytes(), set.source.file_ending(), set.target.file_ending()},
             model.config.source_language, model.config.target_language, type);
}

void to_marian(const ModelSet& set, const ConvertSettings& settings, const std::string& folder) {
  require_files(set, settings);
  const bool joint = set.source.bytes() == set.target.bytes();
  const std::string source = (joint ? "vocab" : "source") + set.source.file_ending();
  const std::string target = joint ? source : "target" + set.target.file_ending();
  write_atomically(folder + "/" + source, set.source.bytes());
  if (!joint) write_atomically(folder + "/" + target, set.target.bytes());
  save_marian_model(folder + "/model.npz", *set.models.front().model);
  write_atomically(folder + "/decoder.yml",
                   "relative-paths: true\nmodels:\n  - model.npz\nvocabs:\n  - " + source + "\n  - " + target +
                       "\nbeam-size: 6\nnormalize: 1\nmini-batch: 16\nmaxi-batch: 100\nmaxi-batch-sort: src\n");
}

/// The model in eight bits, with fixed scales of inputs if there is something to find them with.
void quantize(ModelSet& set, const ConvertSettings& settings) {
  auto& model = set.models.front().model;
  model = quantized(*model);
  if (settings.calibration.empty()) return;
  watch_inputs(*model);
  LineReader reader(settings.calibration);
  std::vector<SourceLine> lines;
  for (std::string line; int(lines.size()) < most_calibration_lines && reader.next(line);) {
    lines.push_back({.text = line, .number = std::int64_t(lines.size()) + 1});
  }
  require(!lines.empty(), "{}: expected text to calibrate with, found none", settings.calibration);
  TranslatorOptions options;
  options.search.beam_size = 1;
  Translator(set, options).translate(lines);
  model = with_fixed_scales(*model);
  log::info("calibrated with {} lines of {}", lines.size(), settings.calibration);
}

struct Target {
  const char* name;
  void (*write)(const ModelSet& set, const ConvertSettings& settings, const std::string& folder);
  std::vector<std::string> quantizations;
};

const Target targets[] = {{"ctranslate2", to_ctranslate2, {"none", "int8", "int16", "float16", "bfloat16"}},
                          {"safetensors", to_safetensors, {"none", "int8", "float16", "bfloat16"}},
                          {"marian", to_marian, {"none"}}};

/// A typing error in the output must not cost more than a model.
void check_replaceable(const std::string& path, const ConvertSettings& settings) {
  require(settings.overwrite, "{} is there already; --overwrite replaces it", path);
  require(fs::is_directory(path) && !fs::is_symlink(path), "{}: expected a model directory to replace, found a file",
          path);
  const bool is_model =
      file_exists(path + "/model.bin") || file_exists(path + "/model.npz") || file_exists(config_path(path));
  require(is_model || fs::is_empty(path), "{}: holds no model, so that it is not replaced", path);
  std::error_code error;
  const auto output = fs::weakly_canonical(path, error), input = fs::weakly_canonical(settings.model, error);
  const auto end = std::mismatch(output.begin(), output.end(), input.begin(), input.end()).first;
  require(end != output.end(), "{}: is or holds the model that is to be converted", path);
}

}  // namespace

std::vector<std::string> conversion_targets() {
  std::vector<std::string> names;
  for (const Target& target : targets) names.emplace_back(target.name);
  return names;
}

void convert_model(const ConvertSettings& settings) {
  const Target* target = std::find_if(std::begin(targets), std::end(targets),
                                      [&](const Target& candidate) { return settings.to == candidate.name; });
  require(target != std::end(targets), "to: there is no format '{}'", settings.to);
  const std::vector<std::string>& possible = target->quantizations;
  require(std::find(possible.begin(), possible.end(), settings.quantize) != possible.end(),
          "quantize: expected {} with --to {}, found {}", join_words(possible, " or "), settings.to, settings.quantize);
  const auto may_replace = [&](const std::string& path) { check_replaceable(path, settings); };
  if (fs::exists(fs::symlink_status(settings.output))) may_replace(settings.output);  // before work is done
  require(settings.calibration.empty() || (settings.quantize == "int8" && settings.to == "safetensors"),
          "calibration: it finds the scales of weights in eight bits in a directory of ours: expected convert --to "
          "safetensors --quantize int8, or quantize --type int8");
  ModelSet set = load_models(std::array{settings.model}, {.vocabs = settings.vocabs, .gemm_precision = "float32"});
  if (settings.quantize == "int8" && settings.to == "safetensors") quantize(set, settings);
  write_folder(settings.output, may_replace, [&](const std::string& folder) { target->write(set, settings, folder); });
  log::info("wrote {} as {} to {}", settings.model, settings.to, settings.output);
}

}  // namespace dragoman
