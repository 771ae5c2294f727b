#include "translate/translator.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "translate/parallel.h"
#include "translate/translate_support.h"

namespace dragoman {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TranslatorOptions options_with(int mini_batch, int threads, int beam_size = 4) {
  TranslatorOptions options;
  options.search.beam_size = beam_size;
  options.search.max_length_factor = 2;
  options.search.min_length = 3;  // a random model likes to say nothing
  options.batching.mini_batch = mini_batch;
  options.batching.cpu_threads = threads;
  return options;
}

std::vector<std::string> texts_of(const std::vector<Translation>& translations) {
  std::vector<std::string> texts;
  for (const auto& translation : translations) texts.push_back(translation.candidates.at(0).text);
  return texts;
}

std::vector<std::string> translate(const ModelSet& models, const TranslatorOptions& options,
                                   const std::vector<std::string>& lines) {
  return texts_of(Translator(models, options).translate(numbered(lines)));
}

bool has(const Translation& translation, Suspicion suspicion) {
  return std::count(translation.suspicions.begin(), translation.suspicions.end(), suspicion) > 0;
}

/// Lines of all lengths, with empty and blank ones among them.
std::vector<std::string> mixed_lines() {
  auto lines = toy_lines(60);
  lines[0] = "";
  lines[7] = "   ";
  lines[8] = "the";
  lines[59] = "";
  return lines;
}

/// What makes a difference to how a batch is computed, and must make none to a translation.
class BatchIndependence : public ::testing::TestWithParam<std::string> {
 protected:
  TranslatorOptions options(int mini_batch, int threads) const {
    TranslatorOptions result = options_with(mini_batch, threads, GetParam() == "greedy" ? 1 : 4);
    if (GetParam() == "sampling") result.search.output_sampling = {"full"};
    if (GetParam() == "normalized") result.search.normalize = 1;
    result.search.n_best = GetParam() == "n-best";
    return result;
  }
};

TEST_P(BatchIndependence, AloneInABatchOrInThreadsATranslationIsTheSame) {
  const ModelSet models = toy_models();
  const auto lines = numbered(mixed_lines());
  const auto alone = Translator(models, options(1, 1)).translate(lines);
  std::set<std::string> different;
  for (const auto& translation : alone) different.insert(translation.candidates[0].text);
  EXPECT_GT(different.size(), 20u) << "the model must tell lines apart, or this test sees nothing";
  for (const int mini_batch : {5, 64}) {
    for (const int threads : {1, 2, 3}) {
      for (const char* sort : {"src", "none"}) {
        TranslatorOptions batched = options(mini_batch, threads);
        batched.batching.maxi_batch_sort = sort;
        const auto translations = Translator(models, batched).translate(lines);
        ASSERT_EQ(translations.size(), lines.size());
        for (std::size_t i = 0; i < lines.size(); ++i) {
          ASSERT_EQ(translations[i].candidates.size(), alone[i].candidates.size());
          for (std::size_t k = 0; k < alone[i].candidates.size(); ++k) {
            EXPECT_EQ(translations[i].candidates[k].text, alone[i].candidates[k].text) << "line " << i + 1;
            EXPECT_EQ(translations[i].candidates[k].score, alone[i].candidates[k].score);
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Searches, BatchIndependence,
                         ::testing::Values("greedy", "beam", "normalized", "n-best", "sampling"));

TEST(Translator, KeepsTheOrderOfLines) {
  const ModelSet models = toy_models();
  const auto lines = mixed_lines();
  const auto together = translate(models, options_with(16, 2), lines);
  for (const std::size_t i : {1, 2, 30, 58}) {
    EXPECT_EQ(together[i], translate(models, options_with(1, 1), {lines[i]})[0]);
  }
}

TEST(Translator, GivesEmptyLinesForBlankOnes) {
  const ModelSet models = toy_models();
  const auto result = Translator(models, options_with(4, 1)).translate(numbered({"", "  \t ", "the dog", ""}));
  ASSERT_EQ(result.size(), 4u);
  for (const std::size_t i : {0, 1, 3}) {
    EXPECT_EQ(result[i].candidates.at(0).text, "");
    EXPECT_TRUE(result[i].suspicions.empty());
  }
  EXPECT_NE(result[2].candidates.at(0).text, "");
}

TEST(Translator, HasNothingToDoWithoutLines) {
  const ModelSet models = toy_models();
  EXPECT_TRUE(Translator(models, options_with(4, 2)).translate({}).empty());
}

TEST(Translator, UsesItsMemoryAgainForTheNextLines) {
  const ModelSet models = toy_models();
  Translator translator(models, options_with(8, 2));
  const auto lines = numbered(mixed_lines());
  EXPECT_EQ(texts_of(translator.translate(lines)), texts_of(translator.translate(lines)));
}

TEST(Translator, SplitsLongLinesAtSentenceEndsAndJoinsTheirTranslations) {
  const ModelSet models = toy_models();
  TranslatorOptions options = options_with(8, 1);
  const std::string first = "The small dog walks.", second = "The old children play.";
  const std::size_t longest = std::max(models.source.encode(first + " ").size(), models.source.encode(second).size());
  options.source.max_length = int(longest);
  const auto parts = translate(models, options, {first, second});
  const auto whole = Translator(models, options).translate(numbered({first + " " + second, "the dog"}));
  EXPECT_EQ(whole[0].candidates[0].text, parts[0] + " " + parts[1]);
  EXPECT_TRUE(has(whole[0], Suspicion::split));
  EXPECT_FALSE(has(whole[1], Suspicion::split));
}

TEST(Translator, TranslatesAllOfALineMuchLongerThanTheLimit) {
  const ModelSet models = toy_models();
  TranslatorOptions options = options_with(8, 2, 1);
  options.source.max_length = 10;
  std::string line;
  for (int i = 0; i < 100; ++i) line += "children walks ";
  EncodedLine encoded = encode_source(line, models.source, options.source);
  std::vector<int> ids;
  for (auto& part : encoded.parts) {
    EXPECT_LE(part.size(), 11u);
    EXPECT_EQ(part.back(), models.source.end_id());
    part.pop_back();
    ids.insert(ids.end(), part.begin(), part.end());
  }
  EXPECT_EQ(models.source.decode(ids), models.source.decode(models.source.encode(line)));
  const auto result = Translator(models, options).translate(numbered({line}));
  EXPECT_GE(result[0].candidates[0].token_log_probabilities.size(), encoded.parts.size());
}

TEST(Translator, CropsLongLinesIfAsked) {
  const ModelSet models = toy_models();
  TranslatorOptions options = options_with(8, 1);
  options.source = {.max_length = 3, .crop = true};
  const std::string line = "the dog walks under the old tree";
  const auto cropped = Translator(models, options).translate(numbered({line}));
  EXPECT_TRUE(has(cropped[0], Suspicion::cropped));
  auto ids = models.source.encode(line);
  ids.resize(3);
  std::string pieces;
  for (const int id : ids) pieces += models.source.piece(id) + " ";
  options.source = {.max_length = 3, .pieces = true};
  EXPECT_EQ(texts_of(cropped), translate(models, options, {pieces}));
}

TEST(Translator, TakesAndGivesPieces) {
  const ModelSet models = toy_models();
  TranslatorOptions options = options_with(8, 1);
  const std::string line = "the small children";
  const std::string plain = translate(models, options, {line})[0];
  std::string pieces;
  for (const int id : models.source.encode(line)) pieces += (pieces.empty() ? "" : " ") + models.source.piece(id);
  options.source.pieces = true;
  EXPECT_EQ(translate(models, options, {pieces})[0], plain);
  options.print_pieces = true;
  const std::string printed = translate(models, options, {pieces})[0];
  EXPECT_EQ(models.target.decode(ids_of_pieces(printed, models.target)), plain);
  EXPECT_NE(printed, plain);
}

TEST(Translator, AnEnsembleOfEqualModelsIsOneModel) {
  const ModelSet one = toy_models({4}), two = toy_models({4, 4});
  const auto lines = mixed_lines();
  for (const int beam : {1, 4}) {
    EXPECT_EQ(translate(one, options_with(8, 2, beam), lines), translate(two, options_with(8, 2, beam), lines));
  }
}

TEST(Translator, AnEnsembleIsNeitherOfDifferentModels) {
  const ModelSet first = toy_models({4}), second = toy_models({5}), both = toy_models({4, 5});
  const auto lines = toy_lines(30);
  TranslatorOptions options = options_with(8, 1);
  const auto mixed = translate(both, options, lines);
  EXPECT_NE(mixed, translate(first, options, lines));
  EXPECT_NE(mixed, translate(second, options, lines));
  options.search.weights = {1, 0};
  EXPECT_EQ(translate(both, options, lines), translate(first, options_with(8, 1), lines));
}

TEST(Translator, RefusesWeightsThatDoNotFitTheModels) {
  const ModelSet models = toy_models({4, 5});
  TranslatorOptions options = options_with(8, 1);
  options.search.weights = {1};
  EXPECT_THAT(error_of([&] { Translator(models, options); }), HasSubstr("weights: 1 given"));
}

TEST(Translator, BeginsWithTheForcedPrefix) {
  const ModelSet models = toy_models();
  auto lines = numbered(toy_lines(20));
  const auto free = Translator(models, options_with(8, 2)).translate(lines);
  for (std::size_t i = 0; i < lines.size(); i += 2) lines[i].prefix = "der grün Hund";
  const auto forced = Translator(models, options_with(8, 2)).translate(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i % 2 == 0) {
      EXPECT_THAT(forced[i].candidates[0].text, StartsWith("der grün Hund"));
    } else {
      EXPECT_EQ(forced[i].candidates[0].text, free[i].candidates[0].text);
    }
  }
}

TEST(Translator, GivesThePrefixOfABlankLine) {
  const ModelSet models = toy_models();
  const std::vector<SourceLine> lines = {{.text = "", .number = 1, .prefix = "der"}};
  EXPECT_EQ(Translator(models, options_with(8, 1)).translate(lines)[0].candidates[0].text, "der");
}

TEST(Translator, SamplesDependOnSeedAndLineNumberOnly) {
  const ModelSet models = toy_models();
  TranslatorOptions options = options_with(8, 2);
  options.search.output_sampling = {"full"};
  const auto lines = toy_lines(20);
  const auto once = translate(models, options, lines);
  EXPECT_EQ(translate(models, options, lines), once);
  const std::vector<SourceLine> last = {{.text = lines[19], .number = 20}};
  EXPECT_EQ(Translator(models, options).translate(last)[0].candidates[0].text, once[19]);
  options.seed = 2;
  EXPECT_NE(translate(models, options, lines), once);
}

TEST(Translator, StaysWithinThePositionsThatAModelHasLearned) {
  ModelOptions model = toy_options();
  model.transformer_train_position_embeddings = true;
  model.max_length = 9;
  const ModelSet models = toy_models({1}, model);
  TranslatorOptions options = options_with(8, 1);
  options.search.max_length_factor = 100;
  options.search.min_length = 9;  // as long as it can be
  auto lines = numbered({"the old dog walks under the green tree and the children play", "the dog"});
  lines[1].prefix = "der Hund der Hund der Hund der Hund der Hund der Hund der Hund";
  const auto result = Translator(models, options).translate(lines);
  EXPECT_TRUE(has(result[0], Suspicion::split));
  EXPECT_TRUE(has(result[1], Suspicion::prefix_cut));
  EXPECT_EQ(result[1].candidates[0].token_log_probabilities.size(), 10u);
}

TEST(Translator, CallsBackForEveryBatch) {
  const ModelSet models = toy_models();
  int sentences = 0, tokens = 0, calls = 0;
  Translator(models, options_with(4, 2)).translate(numbered(toy_lines(30)), {}, [&](int n, int t) {
    sentences += n;
    tokens += t;
    ++calls;
  });
  EXPECT_EQ(sentences, 30);
  EXPECT_EQ(calls, 8);
  EXPECT_GT(tokens, 60);
}

TEST(Translator, CanBeInterrupted) {
  const ModelSet models = toy_models();
  std::stop_source stop;
  Translator translator(models, options_with(1, 1));
  const auto lines = numbered(toy_lines(30));
  int batches = 0;
  EXPECT_THROW(translator.translate(lines, stop.get_token(),
                                    [&](int, int) {
                                      if (++batches == 3) stop.request_stop();
                                    }),
               Interrupted);
  EXPECT_EQ(batches, 3);
  EXPECT_EQ(translator.translate(lines).size(), 30u);
}

TEST(Translator, SuspectsTranslationsThatLoop) {
  ModelOptions options = toy_options();
  options.tied_embeddings_all = false;
  ModelSet models = toy_models({1}, options);
  // A model that always says the same word.
  Parameters& parameters = models.models[0].model->parameters();
  auto bias = parameters.values_of(*parameters.find("output.bias"));
  bias[5] = 1000;
  const auto result = Translator(models, options_with(8, 1, 1)).translate(numbered({"the dog walks under the tree"}));
  EXPECT_TRUE(has(result[0], Suspicion::loop));
  EXPECT_FALSE(has(result[0], Suspicion::length_limit));
}

TEST(Translator, SuspectsEmptyTranslations) {
  ModelSet models = toy_models();
  Parameters& parameters = models.models[0].model->parameters();
  parameters.values_of(*parameters.find("output.bias"))[std::size_t(models.target.end_id())] = 1000;
  TranslatorOptions options = options_with(8, 1);
  options.search.min_length = 0;
  const auto result = Translator(models, options).translate(numbered({"the dog", ""}));
  EXPECT_TRUE(has(result[0], Suspicion::empty));
  EXPECT_FALSE(has(result[1], Suspicion::empty));
}

}  // namespace
}  // namespace dragoman
