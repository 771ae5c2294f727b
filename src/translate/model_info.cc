#include "translate/model_info.h"

#include <array>
#include <filesystem>
#include <map>
#include <set>

#include "base/error.h"
#include "format/ctranslate2_file.h"
#include "format/ctranslate2_import.h"
#include "format/marian_file.h"
#include "format/option_fields.h"
#include "format/safetensors.h"
#include "ops/processor.h"
#include "translate/model_set.h"
#include "translate/parallel.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

/// 1234567 as "1,234,567".
std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (auto i = std::ptrdiff_t(digits.size()) - 3; i > 0; i -= 3) digits.insert(std::size_t(i), 1, ',');
  return digits;
}

/// A tensor as a file has it.
struct ListedTensor {
  std::string name;
  ElementType type;
  TensorShape shape;
};

/// What lies on the disk of a model.
struct StoredModel {
  std::string format;  ///< of other engines
  std::vector<ListedTensor> tensors;
  std::set<std::string> paths;  ///< besides vocabularies
};

template <class Tensors>
std::vector<ListedTensor> listed(const Tensors& tensors) {
  std::vector<ListedTensor> result;
  for (const auto& tensor : tensors) result.push_back({tensor.name, tensor.type, tensor.shape});
  return result;
}

StoredModel stored_model(const std::string& path) {
  if (is_ctranslate2_directory(path)) {
    const auto file = CTranslate2File::open((fs::path(path) / "model.bin").string());
    const CTranslate2Vocabularies lists = read_ctranslate2_side(path).vocabularies;
    return {fmt::format("CTranslate2, {} revision {}, binary version {}", file.architecture(), file.revision(),
                        file.binary_version()),
            listed(file.variables()),
            {file.path(), lists.source_path, lists.target_path}};
  }
  if (is_marian_model(path) && !fs::is_directory(path)) {
    const MarianFile file = MarianFile::open(path);
    return {"Marian, " + fs::path(path).extension().string(), listed(file.items()), {path}};
  }
  const Safetensors file = Safetensors::open(parameters_path(path));
  return {"", listed(file.tensors()), {config_path(path), file.path()}};
}

/// "F32" or, of a mixed file, "F32 (40 tensors), F16 (2 tensors)".
std::string precision(const std::vector<ListedTensor>& tensors) {
  std::map<std::string_view, int> counts;
  for (const ListedTensor& tensor : tensors) ++counts[name_of(tensor.type)];
  if (counts.size() == 1) return std::string(counts.begin()->first);
  std::string text;
  for (const auto& [name, count] : counts)
    text += fmt::format("{}{} ({} tensors)", text.empty() ? "" : ", ", name, count);
  return text;
}

std::string describe_vocabulary(const char* side, const Vocabulary& vocabulary) {
  return fmt::format("{} vocabulary: {}, {} pieces\n", side, fs::path(vocabulary.name()).filename().string(),
                     with_commas(std::uint64_t(vocabulary.size())));
}

}  // namespace

std::string describe_model(const std::string& path, const std::vector<std::string>& vocabs, bool tensors) {
  const ModelSet models = load_models(std::array{path}, {.vocabs = vocabs});
  const LoadedModel& model = models.models.front();
  StoredModel stored = stored_model(path);
  if (vocabs.empty()) {
    stored.paths.insert({model.config.source_vocabulary, model.config.target_vocabulary});
  } else {
    stored.paths.insert(vocabs.begin(), vocabs.end());
  }
  std::uint64_t bytes = 0;
  for (const std::string& file : stored.paths) bytes += fs::file_size(file);

  std::string text = fmt::format("model: {}\n", path);
  if (!stored.format.empty()) text += fmt::format("format: {}\n", stored.format);
  const ModelConfig& config = model.config;
  if (!config.source_language.empty() || !config.target_language.empty()) {
    text += fmt::format("languages: {} to {}\n", config.source_language, config.target_language);
  }
  text += fmt::format("parameters: {}\n", with_commas(std::uint64_t(model.model->parameters().count())));
  text += fmt::format("tensors: {}\n", stored.tensors.size());
  text += fmt::format("precision: {}\n", precision(stored.tensors));
  text += fmt::format("bytes on disk: {}\n", with_commas(bytes));
  if (models.source.bytes() == models.target.bytes()) {
    text += describe_vocabulary("joint", models.source);
  } else {
    text += describe_vocabulary("source", models.source) + describe_vocabulary("target", models.target);
  }
  text += "\n" + model_options_yaml(config.options);
  if (!tensors) return text;
  text += "\n# Tensors: name, type, shape\n";
  for (const ListedTensor& tensor : stored.tensors) {
    text += fmt::format("{}\t{}\t{}\n", tensor.name, name_of(tensor.type), to_string(tensor.shape));
  }
  return text;
}

std::string describe_engine() {
  return fmt::format("matrix products: {}\nother kernels: {}\nthreads: {}\n", product_library(), kernel_instructions(),
                     thread_count(0));
}

}  // namespace dragoman
