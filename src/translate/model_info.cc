#include "translate/model_info.h"

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "format/ctranslate2_file.h"
#include "format/ctranslate2_import.h"
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

/// "F32" or, of a mixed file, "F32 (40 tensors), F16 (2 tensors)".
std::string precision(const std::vector<StoredTensor>& tensors) {
  std::map<std::string_view, int> counts;
  for (const StoredTensor& tensor : tensors) ++counts[name_of(tensor.type)];
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

std::string describe_model(const std::string& directory, bool tensors) {
  const ModelSet models = load_models(std::array{directory});
  const LoadedModel& model = models.models.front();
  std::optional<Safetensors> ours;
  std::optional<CTranslate2File> theirs;
  std::set<std::string> paths = {model.config.source_vocabulary, model.config.target_vocabulary};
  if (is_ctranslate2_directory(directory)) {
    theirs = CTranslate2File::open((fs::path(directory) / "model.bin").string());
    const CTranslate2Vocabularies lists = read_ctranslate2_side(directory).vocabularies;
    paths.insert({theirs->path(), lists.source_path, lists.target_path});
  } else {
    ours = Safetensors::open(parameters_path(directory));
    paths.insert({config_path(directory), ours->path()});
  }
  const std::vector<StoredTensor>& stored = ours ? ours->tensors() : theirs->variables();
  std::uint64_t bytes = 0;
  for (const std::string& path : paths) bytes += fs::file_size(path);

  std::string text = fmt::format("model: {}\n", directory);
  if (theirs) {
    text += fmt::format("format: CTranslate2, {} revision {}, binary version {}\n", theirs->architecture(),
                        theirs->revision(), theirs->binary_version());
  }
  const ModelConfig& config = model.config;
  if (!config.source_language.empty() || !config.target_language.empty()) {
    text += fmt::format("languages: {} to {}\n", config.source_language, config.target_language);
  }
  text += fmt::format("parameters: {}\n", with_commas(std::uint64_t(model.model->parameters().count())));
  text += fmt::format("tensors: {}\n", stored.size());
  text += fmt::format("precision: {}\n", precision(stored));
  text += fmt::format("bytes on disk: {}\n", with_commas(bytes));
  if (models.source.bytes() == models.target.bytes()) {
    text += describe_vocabulary("joint", models.source);
  } else {
    text += describe_vocabulary("source", models.source) + describe_vocabulary("target", models.target);
  }
  text += "\n" + model_options_yaml(config.options);
  if (!tensors) return text;
  text += "\n# Tensors: name, type, shape\n";
  for (const StoredTensor& tensor : stored) {
    text += fmt::format("{}\t{}\t{}\n", tensor.name, name_of(tensor.type), to_string(tensor.shape));
  }
  return text;
}

std::string describe_engine() {
  return fmt::format("matrix products: {}\nother kernels: {}\nthreads: {}\n", product_library(), kernel_instructions(),
                     thread_count(0));
}

}  // namespace dragoman
