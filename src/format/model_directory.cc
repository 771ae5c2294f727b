#include "format/model_directory.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/words.h"
#include "format/config_yaml.h"
#include "format/model_parameters.h"
#include "format/option_fields.h"
#include "format/safetensors.h"
#include "model/build.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

constexpr const char* joint_vocabulary = "vocabulary";
constexpr const char* source_vocabulary = "source";
constexpr const char* target_vocabulary = "target";
constexpr const char* usual_ending = ".spm";
constexpr int format_version = 1;

std::string inside(const std::string& directory, const std::string& name) {
  return (fs::path(directory) / name).string();
}

void write_if_new(const std::string& path, const std::string& content) {
  if (file_exists(path) && read_file(path) == content) return;
  write_atomically(path, content);
}

/// The names of the vocabularies in the directory, as its config.yml says or as usual.
std::pair<std::string, std::string> vocabulary_names(const std::string& directory,
                                                     const std::vector<std::string>& names, const std::string& where) {
  if (names.empty()) {
    const std::string joint = joint_vocabulary + std::string(usual_ending);
    const std::string source = source_vocabulary + std::string(usual_ending);
    const std::string target = target_vocabulary + std::string(usual_ending);
    if (file_exists(inside(directory, joint))) return {joint, joint};
    require(file_exists(inside(directory, source)) && file_exists(inside(directory, target)),
            "{}: no vocabulary: expected {}, or {} and {}", directory, joint, source, target);
    return {source, target};
  }
  require(names.size() == 2, "{}: vocabs: expected two files, source and target (the same twice if joint), found {}",
          where, names.size());
  return {names[0], names[1]};
}

}  // namespace

std::string config_path(const std::string& directory) { return inside(directory, "config.yml"); }
std::string parameters_path(const std::string& directory) { return inside(directory, "model.safetensors"); }

ModelConfig load_model_config(const std::string& directory) {
  require(file_exists(directory), "{}: no such model directory", directory);
  require(fs::is_directory(directory), "{}: expected a model directory, found a file", directory);
  const std::string path = config_path(directory);
  require(file_exists(path), "{}: no config.yml in it, so it is no model directory", directory);
  ModelConfig config;
  const std::vector<ConfigEntry> entries = read_config(path);
  config.options = model_options(entries, path);
  std::vector<std::string> names;
  Fields extras;
  extras.add("vocabs", names, "");
  extras.add("source-language", config.source_language, "");
  extras.add("target-language", config.target_language, "");
  std::string where = path;
  for (const ConfigEntry& entry : entries) {
    if (extras.find(entry.key) == nullptr) continue;
    extras.set(entry.key, entry.value, entry.where);
    if (entry.key == "vocabs") where = entry.where;
  }
  require(config.options.dim_vocabs[0] > 0 && config.options.dim_vocabs[1] > 0,
          "{}: dim-vocabs: expected the sizes of the vocabularies, found {} and {}", path, config.options.dim_vocabs[0],
          config.options.dim_vocabs[1]);
  const auto [source, target] = vocabulary_names(directory, names, where);
  for (const std::string& name : {source, target}) {
    require(file_exists(inside(directory, name)), "{}: vocabs: there is no {} in {}", where, name, directory);
  }
  config.source_vocabulary = inside(directory, source);
  config.target_vocabulary = inside(directory, target);
  return config;
}

VocabularyPaths vocabularies_beside(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  const fs::path folder = fs::absolute(path).parent_path();
  for (const auto& entry : fs::directory_iterator(folder, error)) names.push_back(entry.path().filename().string());
  const auto is_of = [](const std::string& name, std::initializer_list<const char*> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(), [&](const char* text) { return name.starts_with(text); });
  };
  const auto is_model = [](const std::string& name) { return name.ends_with(".spm"); };
  const auto is_list = [&](const std::string& name) {
    return (name.ends_with(".yml") || name.ends_with(".yaml") || name.ends_with(".json")) &&
           is_of(name, {"vocab", "src", "source", "trg", "target"});
  };
  const bool has_models = std::any_of(names.begin(), names.end(), is_model);
  std::erase_if(names, [&](const std::string& name) { return has_models ? !is_model(name) : !is_list(name); });
  const auto full = [&](const std::string& name) { return (folder / name).string(); };
  if (names.size() == 1) return {full(names[0]), full(names[0])};
  if (names.size() != 2) return {};
  if (is_of(names[1], {"src", "source"})) std::swap(names[0], names[1]);
  if (!is_of(names[0], {"src", "source"}) || !is_of(names[1], {"trg", "target"})) return {};
  return {full(names[0]), full(names[1])};
}

LoadedModel load_model(const std::string& directory, StoredWeights weights, const DropoutOptions& dropout,
                       const ConfigKnown& known) {
  if (is_marian_model(directory) && !fs::is_directory(directory)) {
    require(file_exists(directory), "{}: no such model", directory);
    LoadedModel loaded;
    loaded.directory = directory;
    const VocabularyPaths found = vocabularies_beside(directory);
    loaded.config.source_vocabulary = found.source;
    loaded.config.target_vocabulary = found.target;
    if (known) known(loaded.config);
    loaded.model = load_marian_model(directory, weights, dropout);  // (not above: GCC 12 cleans up twice if it throws)
    loaded.config.options = loaded.model->options();
    return loaded;
  }
  LoadedModel loaded{.directory = directory, .config = load_model_config(directory), .model = nullptr};
  if (known) known(loaded.config);
  const std::string path = parameters_path(directory);
  require(file_exists(path), "{}: no model.safetensors in it", directory);
  const Safetensors file = Safetensors::open(path);
  double stored = 0;
  for (const StoredTensor& tensor : file.tensors()) stored += double(tensor.size());
  try {
    loaded.model = describe_model(loaded.config.options, dropout);
  } catch (const Error& e) {
    fail("{}: {}", config_path(directory), e.what());
  }
  const double needed =
      double(loaded.model->parameters()
                 .count());  // before there is memory for them; small differences are told better by names
  require(needed <= 2 * stored + 1e6, "{}: {:.0f} numbers, but a model as in {} has {:.0f}: one of them is damaged",
          path, stored, config_path(directory), needed);
  map_parameters(file, loaded.model->parameters(), weights);
  return loaded;
}

void save_model_config(const std::string& directory, const ModelOptions& options, const VocabularyFiles& vocabularies,
                       const std::string& source_language, const std::string& target_language) {
  const bool joint = vocabularies.source == vocabularies.target;
  const std::string source = (joint ? joint_vocabulary : source_vocabulary) + vocabularies.source_ending;
  const std::string target = (joint ? joint_vocabulary : target_vocabulary) + vocabularies.target_ending;
  write_if_new(inside(directory, source), vocabularies.source);
  if (!joint) write_if_new(inside(directory, target), vocabularies.target);
  std::string yaml = model_options_yaml(options);
  yaml += fmt::format("\n# Vocabularies of source and target, in this directory\nvocabs: [{}, {}]\n", source, target);
  if (!source_language.empty()) yaml += "source-language: " + yaml_quoted(source_language) + "\n";
  if (!target_language.empty()) yaml += "target-language: " + yaml_quoted(target_language) + "\n";
  write_if_new(config_path(directory), yaml);
}

void save_model(const std::string& directory, const Seq2Seq& model, const VocabularyFiles& vocabularies,
                const std::string& source_language, const std::string& target_language, ElementType type) {
  save_model_config(directory, model.options(), vocabularies, source_language, target_language);
  save_parameters(parameters_path(directory), model.parameters(), model.parameters().values(), type);
}

}  // namespace dragoman
