#include "translate/model_set.h"

#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "decode/decode_ensemble.h"

namespace dragoman {
namespace {

void check_size(const Vocabulary& vocabulary, int rows, const char* side, const LoadedModel& model) {
  require(vocabulary.size() == rows, "{}: {} pieces, but {} says that its {} vocabulary has {} (dim-vocabs)",
          vocabulary.name(), vocabulary.size(), config_path(model.directory), side, rows);
}

void check_same(const Vocabulary& vocabulary, const std::string& path) {
  require(read_file(path) == vocabulary.bytes(),
          "{} is another vocabulary than {}: models of an ensemble must have the same", path, vocabulary.name());
}

}  // namespace

std::vector<const Seq2Seq*> ModelSet::pointers() const {
  std::vector<const Seq2Seq*> result;
  for (const LoadedModel& model : models) result.push_back(model.model.get());
  return result;
}

int ModelSet::longest_sentence() const { return dragoman::longest_sentence(pointers()); }

ModelSet load_models(std::span<const std::string> directories, std::span<const std::string> vocabs) {
  require(!directories.empty(), "models: expected at least one model directory, found none");
  require(vocabs.empty() || vocabs.size() == 2, "vocabs: expected two files, source and target, found {}",
          vocabs.size());
  std::vector<LoadedModel> models;
  for (const std::string& directory : directories) models.push_back(load_model(directory));
  const ModelConfig& first = models.front().config;
  const std::string source_path = vocabs.empty() ? first.source_vocabulary : vocabs[0];
  const std::string target_path = vocabs.empty() ? first.target_vocabulary : vocabs[1];
  Vocabulary source = Vocabulary::load(source_path);
  Vocabulary target = target_path == source_path ? source : Vocabulary::load(target_path);
  for (const LoadedModel& model : models) {
    if (vocabs.empty() && &model != &models.front()) {
      check_same(source, model.config.source_vocabulary);
      check_same(target, model.config.target_vocabulary);
    }
    check_size(source, model.model->source_vocabulary(), "source", model);
    check_size(target, model.model->target_vocabulary(), "target", model);
  }
  return {std::move(models), std::move(source), std::move(target)};
}

}  // namespace dragoman
