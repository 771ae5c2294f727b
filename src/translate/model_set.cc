#include "translate/model_set.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "decode/decode_ensemble.h"
#include "format/any_model.h"
#include "format/ctranslate2_import.h"
#include "model/quantize.h"

namespace dragoman {
namespace {

void check_size(const Vocabulary& vocabulary, int rows, const char* side, const LoadedModel& model) {
  require(vocabulary.size() == rows, "{}: {} pieces, but {} says that its {} vocabulary has {} (dim-vocabs)",
          vocabulary.name(), vocabulary.size(),
          file_exists(config_path(model.directory)) ? config_path(model.directory) : model.directory, side, rows);
}

void check_same(const Vocabulary& vocabulary, const std::string& path) {
  require(read_file(path) == vocabulary.bytes(),
          "{} is another vocabulary than {}: models of an ensemble must have the same", path, vocabulary.name());
}

/// Both files say which piece has which number.
void check_tokens(const Vocabulary& vocabulary, const std::vector<std::string>& tokens, const std::string& list) {
  const int size = std::min(vocabulary.size(), int(tokens.size()));
  for (int id = 0; id < size; ++id) {
    require(vocabulary.piece(id) == tokens[std::size_t(id)], "{}: piece {} is '{}', but in {} it is '{}'",
            vocabulary.name(), id, vocabulary.piece(id), list, tokens[std::size_t(id)]);
  }
}

void check_tokens(const std::string& directory, const Vocabulary& source, const Vocabulary& target) {
  const CTranslate2Side side = read_ctranslate2_side(directory);
  check_tokens(source, side.vocabularies.source, side.vocabularies.source_path);
  check_tokens(target, side.vocabularies.target, side.vocabularies.target_path);
  require(target.piece(target.end_id()) == side.config.eos_token,
          "{}/config.json: eos_token: '{}', but in {} it is '{}'", directory, side.config.eos_token, target.name(),
          target.piece(target.end_id()));
}

}  // namespace

std::vector<const Seq2Seq*> ModelSet::pointers() const {
  std::vector<const Seq2Seq*> result;
  for (const LoadedModel& model : models) result.push_back(model.model.get());
  return result;
}

int ModelSet::longest_sentence() const { return dragoman::longest_sentence(pointers()); }

namespace {

double number(const std::vector<std::string>& list, std::size_t place, double otherwise) {
  if (list.size() <= place || list[place] == "false" || list[place] == "true") return otherwise;
  double value = 0;
  const std::string& text = list[place];
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  require(error == std::errc() && end == text.data() + text.size() && value >= 0 && value <= 1e9,
          "shortlist: expected a number from 0 after the file, found '{}'", text);
  return value;
}

std::shared_ptr<const Shortlist> load_shortlist(const std::vector<std::string>& setting, const Vocabulary& source,
                                                const Vocabulary& target) {
  if (setting.empty()) return nullptr;
  const std::string& path = setting[0];
  require(file_exists(path), "shortlist: {}: no such file", path);
  const bool shared = source.bytes() == target.bytes();
  if (is_binary_shortlist(path)) {
    return std::make_shared<Shortlist>(Shortlist::open_binary(path, source.size(), target.size(), shared));
  }
  const Shortlist::Limits usual;
  const auto id_in = [](const Vocabulary& vocabulary) {
    return [&vocabulary](std::string_view word) {
      const int id = vocabulary.id(word);
      return id == vocabulary.unk_id() && vocabulary.piece(id) != word ? -1 : id;
    };
  };
  return std::make_shared<Shortlist>(Shortlist::open_text(path,
                                                          {.first = int(number(setting, 1, usual.first)),
                                                           .best = int(number(setting, 2, usual.best)),
                                                           .prune = number(setting, 3, usual.prune)},
                                                          source.size(), target.size(), shared, id_in(source),
                                                          id_in(target)));
}

}  // namespace

ModelSet load_models(std::span<const std::string> paths, const ModelSetOptions& options) {
  require(!paths.empty(), "models: expected at least one model, found none");
  const std::vector<std::string>& vocabs = options.vocabs;
  require(vocabs.empty() || vocabs.size() == 2, "vocabs: expected two files, source and target, found {}",
          vocabs.size());
  std::vector<LoadedModel> models;
  const std::string& precision = options.gemm_precision;
  const auto weights =
      precision == "float32" || precision == "int16" ? StoredWeights::floats : StoredWeights::as_stored;
  for (const std::string& path : paths) {
    models.push_back(load_any_model(path, weights));
    if (precision.starts_with("int8") && !models.back().model->parameters().has_int8()) {
      models.back().model = quantized(*models.back().model);
    }
  }
  const ModelConfig& first = models.front().config;
  require(!vocabs.empty() || !first.source_vocabulary.empty(),
          "{}: vocabs: expected the source and target vocabulary, since it is not clear which files beside it they are",
          paths.front());
  const std::string source_path = vocabs.empty() ? first.source_vocabulary : vocabs[0];
  const std::string target_path = vocabs.empty() ? first.target_vocabulary : vocabs[1];
  Vocabulary source = Vocabulary::load(source_path);
  Vocabulary target = target_path == source_path ? source : Vocabulary::load(target_path);
  for (const LoadedModel& model : models) {
    if (vocabs.empty() && &model != &models.front() && !model.config.source_vocabulary.empty()) {
      check_same(source, model.config.source_vocabulary);
      check_same(target, model.config.target_vocabulary);
    }
    check_size(source, model.model->source_vocabulary(), "source", model);
    check_size(target, model.model->target_vocabulary(), "target", model);
    if (is_ctranslate2_directory(model.directory)) check_tokens(model.directory, source, target);
  }
  auto shortlist = load_shortlist(options.shortlist, source, target);
  return {std::move(models), std::move(source), std::move(target), std::move(shortlist)};
}

}  // namespace dragoman
