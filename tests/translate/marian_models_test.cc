// Models that Marian itself trained give the scores, translations and attention that it gives with them
// (tests/golden/make_marian.py): its recurrent models of all types and cells, and Transformers with each decoder.

#include <gmock/gmock.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "format/marian_names.h"
#include "translate/convert_model.h"
#include "translate/model_info.h"
#include "translate/pair_scorer.h"
#include "translate/translate_support.h"

namespace dragoman {
namespace {

using namespace testing;
using Json = nlohmann::json;

const std::string golden_folder = DRAGOMAN_SOURCE_DIR "/tests/golden/";

const Json& golden() {
  static const Json json = [] {
    std::ifstream file(golden_folder + "marian.json");
    return Json::parse(file);
  }();
  return json;
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& [name, values] : golden().at("cases").items()) names.push_back(name);
  return names;
}

std::vector<TextPair> pairs() {
  std::vector<TextPair> result;
  for (const Json& pair : golden().at("pairs")) {
    result.push_back({.source = pair.at(0), .target = pair.at(1), .line = std::int64_t(result.size()) + 1});
  }
  return result;
}

const std::vector<std::string> vocabularies = {golden_folder + "marian_source.yml",
                                               golden_folder + "marian_target.yml"};

std::string model_path(const std::string& name) { return golden_folder + "marian_" + name + ".npz"; }

ModelSet load(const std::string& path) { return load_models(std::array{path}, {.vocabs = vocabularies}); }

std::vector<PairScore> scores(const ModelSet& models, bool align = false) {
  PairScorer scorer(models, {.align = align});
  return scorer.score(pairs(), std::array<std::string, 2>{"source", "target"});
}

class MarianModels : public ::testing::TestWithParam<std::string> {
 protected:
  const Json& expected() const { return golden().at("cases").at(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Golden, MarianModels, ::testing::ValuesIn(cases()),
                         [](const auto& instance) { return instance.param; });

TEST_P(MarianModels, HaveMariansWordScores) {
  const auto found = scores(load(model_path(GetParam())));
  ASSERT_EQ(found.size(), expected().at("scores").size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto words = expected().at("scores")[i].get<std::vector<float>>();
    ASSERT_EQ(found[i].token_log_probabilities.size(), words.size());
    for (std::size_t t = 0; t < words.size(); ++t) {
      EXPECT_NEAR(found[i].token_log_probabilities[t], words[t], 2e-5) << "pair " << i << " word " << t;
    }
  }
}

TEST(MarianModelInfo, TellsWhatAFileHolds) {
  const std::string text = describe_model(model_path(cases().front()), vocabularies, true);
  EXPECT_THAT(text, ::testing::AllOf(::testing::HasSubstr("format: Marian, .npz"),
                                     ::testing::HasSubstr("source vocabulary: marian_source.yml"),
                                     ::testing::HasSubstr("precision: F32"), ::testing::HasSubstr("Wemb\tF32\t[")));
}

TEST_P(MarianModels, TranslateAsMarianDoes) {
  if (!expected().contains("translations")) return;  // it decodes another function than it trains
  const ModelSet models = load(model_path(GetParam()));
  std::vector<std::string> lines;
  for (const TextPair& pair : pairs()) lines.push_back(pair.source);
  TranslatorOptions options;
  options.search.beam_size = 1;
  options.search.normalize = 1;
  const auto found = Translator(models, options).translate(numbered(lines));
  int compared = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Json& translation = expected().at("translations")[i];
    const auto words = models.target.encode(translation.at(0).get<std::string>());
    if (words.size() >= 3 * (models.source.encode(lines[i]).size() + 1)) continue;  // cut off there without </s>
    EXPECT_EQ(found[i].candidates.at(0).text, translation.at(0));
    EXPECT_NEAR(found[i].candidates.at(0).score, translation.at(1).get<double>(), 2e-5);
    ++compared;
  }
  EXPECT_GE(compared, 4);
}

TEST_P(MarianModels, AttendAsMarianDoes) {
  if (!expected().contains("attention")) return;
  const auto found = scores(load(model_path(GetParam())), true);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Json& rows = expected().at("attention")[i];
    ASSERT_EQ(found[i].alignment.targets(), int(rows.size()));
    for (int t = 0; t < found[i].alignment.targets(); ++t) {
      for (int s = 0; s < found[i].alignment.sources; ++s) {
        EXPECT_NEAR(found[i].alignment.at(t, s), rows[std::size_t(t)][std::size_t(s)].get<float>(), 2e-6);
      }
    }
  }
}

TEST_P(MarianModels, StayTheSameAsOursAndWrittenForMarianAgain) {
  const Folder folder;
  const auto convert = [&](const std::string& model, const std::string& to, const std::string& output) {
    ConvertSettings settings;
    settings.model = model;
    settings.to = to;
    settings.output = output;
    if (model.ends_with(".npz")) settings.vocabs = vocabularies;
    convert_model(settings);
  };
  convert(model_path(GetParam()), "safetensors", folder / "ours");
  convert(folder / "ours", "marian", folder / "theirs");
  const auto expected_scores = scores(load(model_path(GetParam())));
  EXPECT_TRUE(file_exists(folder / "ours" + "/source.yml"));
  const ModelSet ours = load_models(std::array{folder / "ours"});
  const ModelSet theirs = load_models(std::array{folder / "theirs" + "/model.npz"});  // finds the lists beside it
  for (const ModelSet* models : {&ours, &theirs}) {
    const auto found = scores(*models);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].token_log_probabilities, expected_scores[i].token_log_probabilities);
    }
  }
  // every parameter is written as it was read, where it was read from
  const MarianFile before = MarianFile::open(model_path(GetParam()));
  const MarianFile after = MarianFile::open(folder / "theirs" + "/model.npz");
  std::map<std::string, std::vector<float>> sums;
  for (const MarianFile* file : {&before, &after}) {
    for (const MarianItem& item : file->items()) {
      if (item.size() == 0) continue;  // decoder_c_tt
      std::vector<float> values(static_cast<std::size_t>(item.size()));
      item.read_floats(values);
      std::string name = file == &after && before.find(item.name) == nullptr ? older_marian_name(item.name) : item.name;
      for (const char* bias : {"decoder_ff_logit_l1_b", "ff_logit_prev_b", "ff_logit_lstm_b", "ff_logit_ctx_b"}) {
        if (name.starts_with(bias) && !ours.models[0].config.options.layer_normalization) name = "sum of biases";
      }
      std::vector<float>& sum = sums[name];
      sum.resize(values.size());
      for (std::size_t i = 0; i < values.size(); ++i) sum[i] += file == &after ? values[i] : -values[i];
    }
  }
  for (const auto& [name, differences] : sums) {
    for (const float difference : differences) EXPECT_NEAR(difference, 0, 1e-6) << name;
  }
}

TEST(MarianIntegers, OfMariansOwnConverterAreItsNumbersRounded) {
  for (const int bits : {8, 16}) {
    const std::string path = golden_folder + "marian_lstm_wide_intgemm" + std::to_string(bits) + ".bin";
    SCOPED_TRACE(path);
    const MarianFile file = MarianFile::open(path), exact = MarianFile::open(model_path("lstm_wide"));
    int integers = 0;
    for (const MarianItem& item : file.items()) {
      const MarianItem* other = exact.find(item.name);
      ASSERT_NE(other, nullptr) << item.name;
      std::vector<float> values(static_cast<std::size_t>(item.size())), expected(values.size());
      item.read_floats(values);
      other->read_floats(expected);
      integers += item.multiplier > 0;
      const double half = item.multiplier > 0 ? 0.501 / double(item.multiplier) : 0;
      for (std::size_t i = 0; i < values.size(); ++i)
        EXPECT_NEAR(values[i], expected[i], half) << item.name << " " << i;
    }
    EXPECT_GT(integers, 5);
    const ModelSet models = load(path);
    EXPECT_EQ(models.models[0].model->parameters().has_int8(), bits == 8);
    const auto rounded = scores(models), floats = scores(load(model_path("lstm_wide")));
    for (std::size_t i = 0; i < floats.size(); ++i) {
      EXPECT_NEAR(rounded[i].log_probability / floats[i].log_probability, 1, bits == 8 ? 0.03 : 0.003);
    }
  }
}

}  // namespace
}  // namespace dragoman
