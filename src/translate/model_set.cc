#include "translate/model_set.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <future>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "decode/decode_ensemble.h"
#include "format/any_model.h"
#include "format/ctranslate2_import.h"
#include "model/quantize.h"
#include "ops/processor.h"

namespace dragoman {
namespace {

void check_size(const Vocabulary& vocabulary, int rows, const char* side, const LoadedModel& model) {
  require(vocabulary.size() == rows, "{}: {} pieces, but {} says that its {} vocabulary has {} (dim-vocabs)",
          vocabulary.name(), vocabulary.size(),
          file_exists(config_path(model.directory)) ? config_path(model.directory) : model.directory, side, rows);
}

bool same_pieces(const Vocabulary& vocabulary, const std::vector<std::string>& tokens) {
  if (vocabulary.size() != int(tokens.size())) return false;
  for (int id = 0; id < vocabulary.size(); ++id) {
    if (vocabulary.piece(id) != tokens[std::size_t(id)]) return false;
  }
  return true;
}

/// Tokens of CTranslate2's list, which text is cut into by the SentencePiece model at `path`, if it is one. Where that
/// has the same numbers it is enough alone.
Vocabulary listed_vocabulary(const std::string& path, const std::vector<std::string>& tokens, const std::string& list,
                             const CTranslate2Config& config) {
  const TokenList all{.tokens = tokens, .end = config.eos_token, .unknown = config.unk_token};
  if (path == list) return Vocabulary::from_tokens(all, list);
  Vocabulary model = Vocabulary::load_segmenter(path);
  const auto is_piece = [&](int id, const std::string& token) { return id >= 0 && model.piece(id) == token; };
  const bool same = is_piece(model.end_id(), config.eos_token) && is_piece(model.unk_id(), config.unk_token);
  return same && same_pieces(model, tokens) ? model : Vocabulary::from_tokens(all, list, &model);
}

struct VocabularyPair {
  Vocabulary source, target;
};

VocabularyPair load_vocabularies(const std::string& source, const std::string& target) {
  Vocabulary of_source = Vocabulary::load(source);
  return {of_source, source == target ? of_source : Vocabulary::load(target)};
}

/// The vocabularies of a model, with its own SentencePiece models or others.
VocabularyPair vocabularies_of(const LoadedModel& model, const std::string& source, const std::string& target) {
  if (is_ctranslate2_directory(model.directory)) {
    const CTranslate2Side side = read_ctranslate2_side(model.directory);
    const CTranslate2Vocabularies& lists = side.vocabularies;
    Vocabulary of_source = listed_vocabulary(source, lists.source, lists.source_path, side.config);
    if (source == target && lists.source_path == lists.target_path) return {of_source, of_source};
    return {std::move(of_source), listed_vocabulary(target, lists.target, lists.target_path, side.config)};
  }
  const auto [of_source, of_target] = load_vocabularies(source, target);
  return {of_source.fitted_to(model.model->source_vocabulary()), of_target.fitted_to(model.model->target_vocabulary())};
}

void check_same(const Vocabulary& a, const Vocabulary& b) {
  require(a.bytes() == b.bytes(), "{} is another vocabulary than {}: models of an ensemble must have the same",
          a.name(), b.name());
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

/// What of a shortlist can be read before vocabularies are known; null: nothing.
std::shared_ptr<Shortlist> map_shortlist(const std::vector<std::string>& setting) {
  if (setting.empty() || !file_exists(setting[0]) || !is_binary_shortlist(setting[0])) return nullptr;
  return std::make_shared<Shortlist>(Shortlist::map_binary(setting[0]));
}

std::shared_ptr<const Shortlist> load_shortlist(const std::shared_ptr<Shortlist>& mapped,
                                                const std::vector<std::string>& setting, const Vocabulary& source,
                                                const Vocabulary& target) {
  if (setting.empty()) return nullptr;
  const std::string& path = setting[0];
  require(file_exists(path), "shortlist: {}: no such file", path);
  const bool shared = source.bytes() == target.bytes();
  if (mapped != nullptr) {
    mapped->fit(source.size(), target.size(), shared);
    return mapped;
  }
  const Shortlist::Limits usual;
  const auto id_in = [](const Vocabulary& vocabulary) {
    return [&vocabulary](std::string_view word) {
      const int id = vocabulary.id(word);
      return id == vocabulary.unk_id() && vocabulary.piece(id) != word ? -1 : id;
    };
  };
  if (is_vocabulary_map(path)) {
    return std::make_shared<Shortlist>(
        Shortlist::open_vocabulary_map(path, target.size(), id_in(source), id_in(target)));
  }
  return std::make_shared<Shortlist>(Shortlist::open_text(path,
                                                          {.first = int(number(setting, 1, usual.first)),
                                                           .best = int(number(setting, 2, usual.best)),
                                                           .prune = number(setting, 3, usual.prune)},
                                                          source.size(), target.size(), shared, id_in(source),
                                                          id_in(target)));
}

/// What is read by other threads while the first model's numbers are: vocabularies, and the shortlist that needs them.
class BesideNumbers {
 public:
  explicit BesideNumbers(const std::vector<std::string>& shortlist) : setting_(shortlist) {}

  /// Does nothing where a model has its say: paths are empty if it lists tokens itself (as CTranslate2's do), and other
  /// files than SentencePiece's are fitted to its tables.
  void begin(const std::string& source, const std::string& target) {
    const auto says_all = [](const std::string& path) { return path.ends_with(".spm"); };
    if (says_all(source) && says_all(target)) begin([=] { return load_vocabularies(source, target); });
  }

  /// Those of begin(), or if there were none, of a model.
  const VocabularyPair& vocabularies(const LoadedModel& model, const std::string& source, const std::string& target) {
    if (!vocabularies_.valid()) begin([=, &model] { return vocabularies_of(model, source, target); });
    return vocabularies_.get();
  }

  std::shared_ptr<const Shortlist> shortlist() { return shortlist_.get(); }

 private:
  void begin(const std::function<VocabularyPair()>& load) {
    constexpr auto in_a_thread_if_there_are_some = std::launch::async | std::launch::deferred;
    vocabularies_ = std::async(in_a_thread_if_there_are_some, load).share();
    auto mapped = std::async(in_a_thread_if_there_are_some, [this] { return map_shortlist(setting_); }).share();
    shortlist_ = std::async(in_a_thread_if_there_are_some, [this, mapped, own = vocabularies_] {
      const VocabularyPair& pair = own.get();
      return load_shortlist(mapped.get(), setting_, pair.source, pair.target);
    });
  }

  const std::vector<std::string>& setting_;
  std::shared_future<VocabularyPair> vocabularies_;
  std::future<std::shared_ptr<const Shortlist>> shortlist_;
};

}  // namespace

ModelSet load_models(std::span<const std::string> paths, const ModelSetOptions& options) {
  require(!paths.empty(), "models: expected at least one model, found none");
  const std::vector<std::string>& vocabs = options.vocabs;
  require(vocabs.empty() || vocabs.size() == 2, "vocabs: expected two files, source and target, found {}",
          vocabs.size());
  const auto source_path = [&](const ModelConfig& config) {
    return vocabs.empty() ? config.source_vocabulary : vocabs[0];
  };
  const auto target_path = [&](const ModelConfig& config) {
    return vocabs.empty() ? config.target_vocabulary : vocabs[1];
  };
  std::vector<LoadedModel> models;
  const std::string& precision = options.gemm_precision;
  const auto weights = precision == "float32" || precision == "int16" ? StoredWeights::floats
                       : precision == "bfloat16"                      ? StoredWeights::bfloat16
                                                                      : StoredWeights::as_stored;
  require(precision != "bfloat16" || has_operations_in(Precision::bfloat16),
          "gemm-precision: this processor ({}) has no products of bfloat16, which AVX512_BF16 brings; use float32",
          product_library());
  // Numbers are most of the work, then vocabularies and the shortlist.
  constexpr double share_of_numbers = 0.8, share_of_vocabularies = 0.95;
  const auto tell = [&](double share) {
    if (options.progress) options.progress(share);
  };
  BesideNumbers beside(options.shortlist);
  for (const std::string& path : paths) {
    models.push_back(load_any_model(path, weights, [&](const ModelConfig& config) {
      if (models.empty()) beside.begin(source_path(config), target_path(config));
    }));
    if (precision.starts_with("int8") && !models.back().model->parameters().has_int8()) {
      models.back().model = quantized(*models.back().model);
    }
    if (precision == "bfloat16") models.back().model = in_bfloat16(*models.back().model);
    prepare_products(*models.back().model);
    tell(share_of_numbers * double(models.size()) / double(paths.size()));
  }
  const ModelConfig& first = models.front().config;
  require(!source_path(first).empty(),
          "{}: vocabs: expected the source and target vocabulary, since it is not clear which files beside it they are",
          paths.front());
  auto [source, target] = beside.vocabularies(models.front(), source_path(first), target_path(first));
  for (const LoadedModel& model : models) {
    check_size(source, model.model->source_vocabulary(), "source", model);
    check_size(target, model.model->target_vocabulary(), "target", model);
    if (&model == &models.front()) continue;
    const bool is_listed = is_ctranslate2_directory(model.directory);
    if (vocabs.empty() ? model.config.source_vocabulary.empty() : !is_listed) continue;
    const VocabularyPair own =
        vocabularies_of(model, vocabs.empty() ? model.config.source_vocabulary : source_path(first),
                        vocabs.empty() ? model.config.target_vocabulary : target_path(first));
    check_same(own.source, source);
    check_same(own.target, target);
  }
  tell(share_of_vocabularies);
  return {std::move(models), std::move(source), std::move(target), beside.shortlist()};
}

}  // namespace dragoman
