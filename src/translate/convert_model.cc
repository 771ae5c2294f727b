#include "translate/convert_model.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/folders.h"
#include "base/log.h"
#include "format/ctranslate2_export.h"
#include "format/model_directory.h"
#include "translate/model_set.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

ExportedVocabulary exported(const Vocabulary& vocabulary) {
  ExportedVocabulary result{.tokens = {},
                            .end = vocabulary.end_id(),
                            .unknown = vocabulary.unk_id(),
                            .sentencepiece_model = vocabulary.bytes()};
  for (int id = 0; id < vocabulary.size(); ++id) result.tokens.push_back(vocabulary.piece(id));
  return result;
}

void to_ctranslate2(const ModelSet& set, const ConvertSettings& settings, const std::string& folder) {
  const bool joint = set.source.bytes() == set.target.bytes();
  export_ctranslate2(folder, *set.models.front().model, exported(set.source), exported(set.target), joint,
                     settings.quantize == "int8" ? ExportedWeights::int8 : ExportedWeights::f32);
}

void to_safetensors(const ModelSet& set, const ConvertSettings&, const std::string& folder) {
  const LoadedModel& model = set.models.front();
  save_model(folder, *model.model, {set.source.bytes(), set.target.bytes()}, model.config.source_language,
             model.config.target_language);
}

struct Target {
  const char* name;
  void (*write)(const ModelSet& set, const ConvertSettings& settings, const std::string& folder);
  bool quantizes;
};

constexpr Target targets[] = {{"ctranslate2", to_ctranslate2, true}, {"safetensors", to_safetensors, false}};

/// A typing error in the output must not cost more than a model.
void check_replaceable(const std::string& path, const ConvertSettings& settings) {
  require(settings.overwrite, "{} is there already; --overwrite replaces it", path);
  require(fs::is_directory(path) && !fs::is_symlink(path), "{}: expected a model directory to replace, found a file",
          path);
  const bool is_model = file_exists(path + "/model.bin") || file_exists(config_path(path));
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
  require(settings.quantize == "none" || target->quantizes, "quantize: {} is not possible with --to {}",
          settings.quantize, settings.to);
  const auto may_replace = [&](const std::string& path) { check_replaceable(path, settings); };
  if (fs::exists(fs::symlink_status(settings.output))) may_replace(settings.output);  // before work is done
  const ModelSet set = load_models(std::array{settings.model}, {.vocabs = settings.vocabs, .gemm_precision = "float32"});
  write_folder(settings.output, may_replace, [&](const std::string& folder) { target->write(set, settings, folder); });
  log::info("wrote {} as {} to {}", settings.model, settings.to, settings.output);
}

}  // namespace dragoman
