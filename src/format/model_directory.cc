#include "format/model_directory.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/words.h"
#include "format/config_yaml.h"
#include "format/option_fields.h"
#include "format/safetensors.h"
#include "model/build.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

constexpr const char* joint_vocabulary = "vocabulary.spm";
constexpr const char* source_vocabulary = "source.spm";
constexpr const char* target_vocabulary = "target.spm";
constexpr int format_version = 1;

std::string inside(const std::string& directory, const std::string& name) {
  return (fs::path(directory) / name).string();
}

TensorShape stored_shape(const Shape& shape) {
  TensorShape result;
  for (int axis = 0; axis < shape.rank(); ++axis) result.push_back(shape[axis]);
  return result;
}

void write_if_new(const std::string& path, const std::string& content) {
  if (file_exists(path) && read_file(path) == content) return;
  write_atomically(path, content);
}

/// The names of the vocabularies in the directory, as its config.yml says or as usual.
std::pair<std::string, std::string> vocabulary_names(const std::string& directory,
                                                     const std::vector<std::string>& names, const std::string& where) {
  if (names.empty()) {
    if (file_exists(inside(directory, joint_vocabulary))) return {joint_vocabulary, joint_vocabulary};
    require(file_exists(inside(directory, source_vocabulary)) && file_exists(inside(directory, target_vocabulary)),
            "{}: no vocabulary: expected {}, or {} and {}", directory, joint_vocabulary, source_vocabulary,
            target_vocabulary);
    return {source_vocabulary, target_vocabulary};
  }
  require(names.size() == 2, "{}: vocabs: expected two files, source and target (the same twice if joint), found {}",
          where, names.size());
  return {names[0], names[1]};
}

void check_version(const Safetensors& file) {
  const auto found = file.metadata().find("version");
  if (found == file.metadata().end()) return;  // written by another program
  int version = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  require(error == std::errc() && end == text.data() + text.size() && version == format_version,
          "{}: version '{}' of the format, expected {}", file.path(), text.substr(0, 60), format_version);
}

constexpr const char *scale_suffix = ".scale", *input_scale_suffix = ".input_scale";

bool belongs_to_int8(const Safetensors& file, const std::string& name) {
  for (const std::string suffix : {scale_suffix, input_scale_suffix}) {
    if (!name.ends_with(suffix)) continue;
    const StoredTensor* of = file.find(name.substr(0, name.size() - suffix.size()));
    if (of != nullptr && of->type == ElementType::i8) return true;
  }
  return false;
}

/// Positive numbers, or with zeros.
std::vector<float> read_scales(const Safetensors& file, const std::string& name, bool zeros) {
  std::vector<float> scales = file.floats(name);
  for (const float x : scales) {
    require(std::isfinite(x) && (zeros ? x >= 0 : x > 0),
            "{}: tensor '{}' has the scale {}, expected a positive number", file.path(), name, x);
  }
  return scales;
}

std::shared_ptr<const Int8Weights> read_int8(const Safetensors& file, const Parameter& p) {
  const StoredTensor& tensor = file.tensor(p.name);
  require(p.use != ParameterUse::other, "{}: tensor '{}' has eight bits, expected floats", file.path(), p.name);
  const TensorShape expected = {p.outputs(), p.inputs()};
  require(tensor.shape == expected, "{}: tensor '{}' has the shape {}, expected {}", file.path(), p.name,
          to_string(tensor.shape), to_string(expected));
  const auto* numbers = reinterpret_cast<const std::int8_t*>(tensor.bytes.data());
  auto own = std::make_shared<std::vector<std::int8_t>>(numbers, numbers + tensor.bytes.size());
  require(std::find(own->begin(), own->end(), -128) == own->end(),
          "{}: tensor '{}' has the number -128, expected -127 to 127", file.path(), p.name);
  std::vector<float> scales = read_scales(file, p.name + scale_suffix, false);
  const std::size_t outputs = std::size_t(p.outputs());
  require(scales.size() == 1 || scales.size() == outputs, "{}: tensor '{}{}' has {} numbers, expected {} or 1",
          file.path(), p.name, scale_suffix, scales.size(), outputs);
  std::vector<Int8Weights::Part> parts = {{0, 0.0f}};
  if (file.contains(p.name + input_scale_suffix)) {
    const std::vector<float> inputs = read_scales(file, p.name + input_scale_suffix, true);
    require(inputs.size() == outputs, "{}: tensor '{}{}' has {} numbers, expected {}", file.path(), p.name,
            input_scale_suffix, inputs.size(), outputs);
    parts[0].activation_scale = inputs[0];
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      if (inputs[i] != inputs[i - 1]) parts.push_back({int(i), inputs[i]});
    }
    require(p.use == ParameterUse::map || parts.size() == 1,
            "{}: tensor '{}{}': expected the same number for all words", file.path(), p.name, input_scale_suffix);
  }
  const std::span<const std::int8_t> view(*own);
  return std::make_shared<Int8Weights>(p.outputs(), p.inputs(), view, std::move(scales), std::move(parts), own);
}

/// The numbers in the order of the parameter's shape.
void read_as_floats(const Int8Weights& weights, const Parameter& p, std::span<float> out) {
  std::vector<float> row(static_cast<std::size_t>(p.inputs()));
  for (int o = 0; o < p.outputs(); ++o) {
    weights.row_values(o, 1, row.data());
    for (int i = 0; i < p.inputs(); ++i) {
      out[std::size_t(p.use == ParameterUse::table ? o * p.inputs() + i : i * p.outputs() + o)] = row[std::size_t(i)];
    }
  }
}

void read_parameters(const Safetensors& file, Parameters& parameters) {
  check_version(file);
  for (const Parameter& p : parameters.list()) {
    require(file.contains(p.name), "{}: tensor '{}' {} is missing", file.path(), p.name, to_string(p.shape));
  }
  for (const StoredTensor& tensor : file.tensors()) {
    require(parameters.find(tensor.name) != nullptr || belongs_to_int8(file, tensor.name),
            "{}: unexpected tensor '{}' {}: this model has none of that name", file.path(), tensor.name,
            to_string(tensor.shape));
  }
  std::vector<float> values(parameters.values().size());
  for (const Parameter& p : parameters.list()) {
    if (p.int8 != nullptr) continue;
    const std::span<float> numbers = std::span(values).subspan(std::size_t(p.offset), std::size_t(p.shape.size()));
    if (file.tensor(p.name).type == ElementType::i8) {
      read_as_floats(*read_int8(file, p), p, numbers);
      continue;
    }
    file.read_floats(p.name, numbers, stored_shape(p.shape));
    const auto bad = std::find_if_not(numbers.begin(), numbers.end(), [](float x) { return std::isfinite(x); });
    require(bad == numbers.end(), "{}: tensor '{}': number {} of {} is not finite: the file is damaged", file.path(),
            p.name, bad - numbers.begin() + 1, numbers.size());
  }
  std::copy(values.begin(), values.end(), parameters.values().begin());
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
  config.options = read_model_options(path);
  std::vector<std::string> names;
  Fields extras;
  extras.add("vocabs", names, "");
  extras.add("source-language", config.source_language, "");
  extras.add("target-language", config.target_language, "");
  std::string where = path;
  for (const ConfigEntry& entry : read_config(path)) {
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
  std::vector<std::string> source, target, all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::absolute(path).parent_path(), error)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".spm")) continue;
    all.push_back(entry.path().string());
    if (name.starts_with("src") || name.starts_with("source")) source.push_back(all.back());
    if (name.starts_with("trg") || name.starts_with("target")) target.push_back(all.back());
  }
  if (all.size() == 2 && source.size() == 1 && target.size() == 1) return {source[0], target[0]};
  if (all.size() == 1) return {all[0], all[0]};
  return {};
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
  Parameters& parameters = loaded.model->parameters();
  for (std::size_t i = 0; weights == StoredWeights::as_stored && i < parameters.list().size(); ++i) {
    const Parameter& p = parameters.list()[i];
    const StoredTensor* tensor = file.find(p.name);
    if (tensor != nullptr && tensor->type == ElementType::i8) parameters.set_int8(int(i), read_int8(file, p));
  }
  parameters.allocate();
  read_parameters(file, loaded.model->parameters());
  return loaded;
}

void load_parameters(const std::string& path, Parameters& parameters) {
  require(file_exists(path), "{}: no such file", path);
  read_parameters(Safetensors::open(path), parameters);
}

void save_parameters(const std::string& path, const Parameters& layout, std::span<const float> values) {
  std::vector<StoredTensor> tensors;
  tensors.reserve(layout.list().size());
  std::deque<std::vector<float>> kept;
  for (const Parameter& p : layout.list()) {
    if (p.int8 != nullptr) {
      const Int8Weights& w = *p.int8;
      tensors.push_back({p.name, ElementType::i8, {w.outputs(), w.inputs()}, std::as_bytes(w.rows())});
      std::vector<float> scales, inputs(std::size_t(w.outputs()));
      for (int o = 0; o < w.outputs(); ++o) scales.push_back(w.scale(o));
      bool fixed = false;
      for (const Int8Weights::Part& part : w.parts()) {
        std::fill(inputs.begin() + part.first, inputs.end(), part.activation_scale);
        fixed |= part.activation_scale > 0;
      }
      tensors.push_back(stored_floats(p.name + scale_suffix, {w.outputs()}, kept.emplace_back(std::move(scales))));
      if (fixed) {
        tensors.push_back(
            stored_floats(p.name + input_scale_suffix, {w.outputs()}, kept.emplace_back(std::move(inputs))));
      }
      continue;
    }
    tensors.push_back(stored_floats(p.name, stored_shape(p.shape),
                                    values.subspan(std::size_t(p.offset), std::size_t(p.shape.size()))));
  }
  write_safetensors(path, tensors, {{"format", "dragoman"}, {"version", std::to_string(format_version)}});
}

void save_model_config(const std::string& directory, const ModelOptions& options, const VocabularyFiles& vocabularies,
                       const std::string& source_language, const std::string& target_language) {
  const bool joint = vocabularies.source == vocabularies.target;
  const std::string source = joint ? joint_vocabulary : source_vocabulary;
  const std::string target = joint ? joint_vocabulary : target_vocabulary;
  write_if_new(inside(directory, source), vocabularies.source);
  if (!joint) write_if_new(inside(directory, target), vocabularies.target);
  std::string yaml = model_options_yaml(options);
  yaml += fmt::format("\n# Vocabularies of source and target, in this directory\nvocabs: [{}, {}]\n", source, target);
  if (!source_language.empty()) yaml += "source-language: " + yaml_quoted(source_language) + "\n";
  if (!target_language.empty()) yaml += "target-language: " + yaml_quoted(target_language) + "\n";
  write_if_new(config_path(directory), yaml);
}

void save_model(const std::string& directory, const Seq2Seq& model, const VocabularyFiles& vocabularies,
                const std::string& source_language, const std::string& target_language) {
  save_model_config(directory, model.options(), vocabularies, source_language, target_language);
  save_parameters(parameters_path(directory), model.parameters(), model.parameters().values());
}

}  // namespace dragoman
