// Models in fewer bits, from file to text.

#include <gmock/gmock.h>

#include <array>
#include <filesystem>

#include "ops/processor.h"
#include "translate/convert_model.h"
#include "translate/translate_support.h"

namespace dragoman::testing {
namespace {

using ::testing::HasSubstr;

class QuantizedModels : public ::testing::Test {
 protected:
  /// The model as `type`, in a folder of that name.
  std::string quantized(const std::string& type, const std::string& calibration = "") const {
    ConvertSettings settings;
    settings.model = model_;
    settings.to = "safetensors";
    settings.output = folder_ / (type + (calibration.empty() ? "" : "-static"));
    settings.quantize = type;
    settings.calibration = calibration;
    convert_model(settings);
    return settings.output;
  }

  static std::vector<Translation> translate(const std::string& model, const std::string& precision,
                                            int mini_batch = 32) {
    const ModelSet models = load_models(std::array{model}, {.gemm_precision = precision});
    TranslatorOptions options;
    options.search.beam_size = 2;
    options.batching.mini_batch = mini_batch;
    return Translator(models, options).translate(numbered(toy_lines(30)));
  }

  static std::vector<std::string> texts(const std::vector<Translation>& translations) {
    std::vector<std::string> result;
    for (const Translation& t : translations) result.push_back(t.candidates.at(0).text);
    return result;
  }

  static std::uintmax_t size(const std::string& model) { return std::filesystem::file_size(parameters_path(model)); }

  Folder folder_;
  std::string model_ = save_toy_model(folder_, "model");
};

TEST_F(QuantizedModels, AreSmallerAndTranslateNearlyTheSame) {
  const auto expected = translate(model_, "");
  const std::string text = folder_.file("text", "the house\nsmall dog walks\n");
  for (const std::string& model :
       {quantized("int8"), quantized("int8", text), quantized("bfloat16"), quantized("float16")}) {
    EXPECT_LT(size(model), size(model_) * 3 / 4) << model;
    const auto found = translate(model, "");
    double most = 0;
    int same = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i].candidates[0].text != expected[i].candidates[0].text) continue;
      ++same;
      const std::size_t tokens = expected[i].candidates[0].token_log_probabilities.size() + 1;
      most =
          std::max(most, std::abs(found[i].candidates[0].log_probability - expected[i].candidates[0].log_probability) /
                             double(tokens));
    }
    EXPECT_GT(same, 5) << model;
    EXPECT_LT(most, 1) << model;
    EXPECT_GT(most, 0) << model;
  }
}

TEST_F(QuantizedModels, InBfloat16AreTheSameWhetherRoundedWhenStoredOrWhenLoaded) {
  if (!has_operations_in(Precision::bfloat16)) {
    try {
      load_models(std::array{model_}, {.gemm_precision = "bfloat16"});
      ADD_FAILURE() << "no Error was thrown";
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), HasSubstr("gemm-precision: this processor"));
    }
    GTEST_SKIP() << "this processor has no products in bfloat16";
  }
  const std::string stored = quantized("bfloat16");
  const auto expected = translate(model_, "bfloat16"), found = translate(stored, "bfloat16");
  const auto alone = translate(stored, "bfloat16", 1), single = translate(stored, "");
  EXPECT_EQ(texts(found), texts(expected));
  bool differs = false;
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].candidates[0].log_probability, expected[i].candidates[0].log_probability);
    EXPECT_EQ(found[i].candidates[0].log_probability, alone[i].candidates[0].log_probability) << "whatever the batch";
    differs |= found[i].candidates[0].log_probability != single[i].candidates[0].log_probability;
  }
  EXPECT_TRUE(differs) << "were products in bfloat16 at all?";
}

}  // namespace
}  // namespace dragoman::testing
