#include "train/train.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "format/any_model.h"
#include "format/ctranslate2_import.h"
#include "format/model_directory.h"
#include "text/vocabulary_training.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

namespace dragoman {
namespace {

/// Where vocabularies are, or will be: as `vocabs` says, else those of the model to start from, else in the model
/// directory itself.
void find_vocabularies(TrainSettings& settings) {
  auto& vocabs = settings.data.vocabs;
  if (!vocabs.empty()) return;
  if (!settings.training.pretrained_model.empty()) {
    const std::string& path = settings.training.pretrained_model;
    const bool ours = !is_marian_model(path) && !is_ctranslate2_directory(path);
    const ModelConfig config = ours ? load_model_config(path) : load_any_model(path).config;
    require(!config.source_vocabulary.empty(), "vocabs: expected the source and target vocabulary of {}", path);
    vocabs = {config.source_vocabulary, config.target_vocabulary};
  } else if (settings.model.tied_embeddings_all || settings.model.tied_embeddings_src) {
    vocabs = {settings.model_path + "/vocabulary.spm", settings.model_path + "/vocabulary.spm"};
  } else {
    vocabs = {settings.model_path + "/source.spm", settings.model_path + "/target.spm"};
  }
}

/// A SentencePiece model that only cuts text for a model of CTranslate2, whose tokens have other numbers, will not do.
void check_numbers(const std::string& pretrained, const Vocabulary& source, const Vocabulary& target) {
  if (!is_ctranslate2_directory(pretrained)) return;
  const CTranslate2Vocabularies lists = read_ctranslate2_side(pretrained).vocabularies;
  const auto check = [](const Vocabulary& vocabulary, const std::vector<std::string>& tokens, const std::string& list) {
    for (int id = 0; id < std::min(vocabulary.size(), int(tokens.size())); ++id) {
      require(vocabulary.piece(id) == tokens[std::size_t(id)],
              "{}: piece {} is '{}', but in {} that number is '{}': training needs a SentencePiece model with the same "
              "numbers",
              vocabulary.name(), id, vocabulary.piece(id), list, tokens[std::size_t(id)]);
    }
  };
  check(source, lists.source, lists.source_path);
  check(target, lists.target, lists.target_path);
}

/// A run that is continued keeps its seed, where none is set.
void choose_seed(TrainSettings& settings) {
  if (settings.data.seed != 0) return;
  const std::string state = training_state_path(settings.model_path);
  if (!settings.training.no_reload && file_exists(state)) {
    settings.data.seed = load_training_facts(state).integer("seed", std::numeric_limits<std::uint64_t>::max());
  } else {
    settings.data.seed = std::uint64_t(std::chrono::system_clock::now().time_since_epoch().count());
  }
}

}  // namespace

TrainingEnd train(const TrainSettings& given, TextSink bar) {
  TrainSettings settings = given;
  find_vocabularies(settings);
  choose_seed(settings);
  if (settings.training.cpu_threads <= 0) {
    settings.training.cpu_threads = int(std::max(1u, std::thread::hardware_concurrency()));
  }
  // Found now, not when the first part of a large corpus is to be kept there.
  require(settings.data.shuffle_in_ram || std::filesystem::is_directory(settings.data.tempdir),
          "tempdir: there is no folder {}", settings.data.tempdir);
  train_missing_vocabularies(settings.data, settings.model.dim_vocabs, settings.vocabulary);
  const auto load = [&](std::size_t side) {  // of lists no more than Marian would read
    const Vocabulary vocabulary = Vocabulary::load(settings.data.vocabs[side]);
    const std::vector<int>& sizes = settings.model.dim_vocabs;
    const int asked = side < sizes.size() ? sizes[side] : 0;
    return asked > 0 ? vocabulary.fitted_to(asked) : vocabulary;
  };
  const Vocabulary source = load(0), target = load(1);
  check_numbers(settings.training.pretrained_model, source, target);
  for (const auto& [side, vocabulary] : {std::pair(0, &source), std::pair(1, &target)}) {
    const auto& sizes = settings.model.dim_vocabs;
    const int asked = std::size_t(side) < sizes.size() ? sizes[std::size_t(side)] : 0;
    if (asked > vocabulary->size()) {
      log::info("dim-vocabs {}: {} has {} pieces, which is what the model gets", asked, vocabulary->name(),
                vocabulary->size());
    }
    require(asked == 0 || asked >= vocabulary->size(), "dim-vocabs: {} is less than the {} pieces of {}", asked,
            vocabulary->size(), vocabulary->name());
  }
  settings.model.dim_vocabs = {source.size(), target.size()};
  Trainer trainer(settings, source, target, std::move(bar));
  return trainer.run();
}

}  // namespace dragoman
