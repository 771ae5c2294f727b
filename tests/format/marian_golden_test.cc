// A real model (en-pt-tiny) computes what an independent implementation of Marian's equations computes: outputs of
// every layer, log-probabilities and integer products. The model is not part of the project: without it the test says
// that it skips.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "format/marian_model.h"
#include "kernels/kernels.h"
#include "model/build.h"
#include "ops/threads.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;

const bool one_thread = (use_one_thread_per_operation(), true);
const std::string models = std::string(DRAGOMAN_SOURCE_DIR) + "/../shared/models/";
const std::string model_path = models + "en-pt-tiny/model.enpt.intgemm.alphas.bin";

class MarianGolden : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(model_path)) GTEST_SKIP() << "skipped: there is no " << model_path;
    std::ifstream file(models + "en-pt-tiny.golden.jsonl");
    for (std::string line; std::getline(file, line);) examples.push_back(Json::parse(line));
    ASSERT_EQ(examples.size(), 5u);
  }
  std::vector<Json> examples;
};

/// The model with only its first layers.
std::unique_ptr<Seq2Seq> with_depths(const Seq2Seq& whole, int encoder, int decoder) {
  ModelOptions options = whole.options();
  options.enc_depth = encoder;
  options.dec_depth = decoder;
  auto part = build_model(options);
  for (const Parameter& p : part->parameters().list()) {
    const auto from = whole.parameters().values().subspan(std::size_t(whole.parameters().find(p.name)->offset),
                                                          std::size_t(p.shape.size()));
    std::copy(from.begin(), from.end(), part->parameters().values_of(p).begin());
  }
  return part;
}

void expect_tensor(const Json& expected, std::span<const float> found, const std::string& name) {
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(found[i], expected["first4"][i].get<double>(), 1e-4) << name << " number " << i;
  }
  double squares = 0;
  for (const float x : found) squares += double(x) * x;
  EXPECT_NEAR(std::sqrt(squares), expected["l2"].get<double>(), 1e-4 * std::max(1.0, std::sqrt(squares))) << name;
}

TEST_F(MarianGolden, EveryLayerAndEveryLogProbability) {
  const auto model = load_marian_model(model_path, StoredWeights::floats);
  for (const Json& example : examples) {
    SCOPED_TRACE(example["text"].get<std::string>());
    const auto source = example["source_ids"].get<std::vector<int>>();
    const auto output = example["output_ids"].get<std::vector<int>>();
    const std::vector<int> source_offsets = {0, int(source.size())};
    Arena arena;
    const Context ctx{arena};
    for (int layer = 1; layer <= 6; ++layer) {
      const auto part = with_depths(*model, layer, 1);
      const Memory memory = part->encode(ctx, {source, source_offsets});
      expect_tensor(example["tensors"]["encoder_l" + std::to_string(layer)], memory.encoded.values(),
                    "encoder_l" + std::to_string(layer));
    }
    for (const int depth : {1, 2}) {
      const auto part = with_depths(*model, 6, depth);
      const auto state = part->start(ctx, part->encode(ctx, {source, source_offsets}), Decoding::stepwise);
      int last = -1;
      for (std::size_t t = 0; t < output.size(); ++t) {
        const std::vector<int> offsets = {0, 1};
        const Tensor y = part->step(ctx, *state, {std::span(&last, 1), offsets});
        if (t < 2) {
          const std::string name = "decoder_l" + std::to_string(depth) + "_step" + std::to_string(t + 1);
          expect_tensor(example["tensors"][name], y.values(), name);
        }
        if (depth == 2) {
          const auto scores = part->log_probabilities(ctx, y).values();
          EXPECT_NEAR(scores[std::size_t(output[t])], example["logprobs"][t].get<double>(), 1e-4);
          auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
          EXPECT_EQ(best, output[t]);
        }
        last = output[t];
      }
    }
  }
}

TEST_F(MarianGolden, TheIntegerProductIsExact) {
  const auto floats = load_marian_model(model_path, StoredWeights::floats);
  const auto model = load_marian_model(model_path, StoredWeights::as_stored);
  for (const Json& example : examples) {
    SCOPED_TRACE(example["text"].get<std::string>());
    const Json& expected = example["int8_product"];
    const auto source = example["source_ids"].get<std::vector<int>>();
    const float alpha = expected["alpha"].get<float>(), multiplier = expected["quant_mult_b"].get<float>();
    // the embedded source: its first values are golden too
    const auto& table = floats->parameters();
    const Parameter& words = *table.find("embedding.weight");
    std::vector<float> x(source.size() * 256);
    for (std::size_t i = 0; i < source.size(); ++i) {
      for (std::size_t j = 0; j < 256; ++j) {
        const double angle = double(i) * std::exp(-double(j % 128) * std::log(10000.0) / 127);
        x[i * 256 + j] = table.values()[std::size_t(words.offset) + std::size_t(source[i]) * 256 + j] * 16 +
                         float(j < 128 ? std::sin(angle) : std::cos(angle));
      }
    }
    expect_tensor(example["tensors"]["embedded_source"], x, "embedded_source");

    std::vector<std::int8_t> a(x.size());
    kernels().quantize(std::int64_t(x.size()), x.data(), alpha, 0, a.data());
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(a[i], expected["a_first8"][i].get<int>());
    EXPECT_EQ(std::accumulate(a.begin(), a.end(), 0), expected["a_sum"].get<int>());

    const Int8Weights& all = *model->parameters().find("encoder.layers.0.self.query_key_value.weight")->int8;
    ASSERT_EQ(all.outputs(), 768);
    EXPECT_FLOAT_EQ(all.parts()[0].activation_scale, alpha);
    // the query's part, with factors of 1 so that the sums themselves come out
    const Int8Weights query(256, 256, all.rows().first(256 * 256), {alpha}, {{0, alpha}}, nullptr);
    std::vector<float> sums(source.size() * 256);
    query.packed().multiply({x.data(), int(source.size()), 256, 256}, nullptr, false,
                            {sums.data(), int(source.size()), 256, 256});
    std::int64_t total = 0;
    for (const float sum : sums) total += std::int64_t(std::llround(sum));
    EXPECT_EQ(total, expected["acc_sum"].get<std::int64_t>());
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(std::llround(sums[i]), expected["acc_first4"][i].get<int>());
      const auto row = query.row(int(i));
      EXPECT_EQ(std::accumulate(row.begin(), row.end(), 0), expected["colsum_first4"][i].get<int>());
      const Parameter& bias = *floats->parameters().find("encoder.layers.0.self.query_key_value.bias");
      EXPECT_NEAR(double(sums[i]) / (double(alpha) * double(multiplier)) +
                      double(floats->parameters().values()[std::size_t(bias.offset) + i]),
                  expected["result_first4"][i].get<double>(), 1e-4);
    }
  }
}

}  // namespace
}  // namespace dragoman
