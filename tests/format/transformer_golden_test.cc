// Transformers of all kinds compute what an implementation of their own in PyTorch does: losses, decoder outputs and
// gradients of every parameter (tests/golden/make_transformer.py). Here and not beside the model, because reading the
// files takes this layer.

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "format/safetensors.h"
#include "model/build.h"
#include "ops/threads.h"

namespace dragoman {
namespace {

/// Operations of this size gain nothing from threads, and lose much when tests run beside each other.
const bool one_thread = (use_one_thread_per_operation(), true);

/// One file of golden values.
class Golden {
 public:
  explicit Golden(const std::string& name)
      : file_(Safetensors::open(DRAGOMAN_SOURCE_DIR "/tests/golden/transformer_" + name + ".safetensors")) {}

  const Safetensors& file() const { return file_; }
  const std::string& text(const std::string& key) const { return file_.metadata().at(key); }
  double number(const std::string& key) const { return std::stod(text(key)); }
  bool flag(const std::string& key) const { return text(key) == "true"; }

  std::vector<int> integers(const std::string& tensor) const {
    const std::vector<float> values = file_.floats(tensor);
    return {values.begin(), values.end()};
  }

  ModelOptions options() const {
    const auto integer = [&](const std::string& key) { return std::stoi(text(key)); };
    ModelOptions o;
    o.dim_vocabs = {integer("source-vocabulary"), integer("target-vocabulary")};
    o.dim_emb = integer("dim-emb");
    o.enc_depth = integer("enc-depth");
    o.dec_depth = integer("dec-depth");
    o.tied_embeddings = flag("tied-embeddings");
    o.tied_embeddings_src = flag("tied-embeddings-src");
    o.tied_embeddings_all = flag("tied-embeddings-all");
    o.output_omit_bias = flag("output-omit-bias");
    o.transformer_heads = integer("transformer-heads");
    o.transformer_dim_ffn = integer("transformer-dim-ffn");
    o.transformer_decoder_dim_ffn = integer("transformer-decoder-dim-ffn");
    o.transformer_ffn_activation = text("transformer-ffn-activation");
    o.transformer_preprocess = text("transformer-preprocess");
    o.transformer_postprocess = text("transformer-postprocess");
    o.transformer_postprocess_emb = text("transformer-postprocess-emb");
    o.transformer_postprocess_top = text("transformer-postprocess-top");
    o.transformer_train_position_embeddings = flag("transformer-train-position-embeddings");
    o.transformer_norm_keys = flag("transformer-norm-keys");
    o.max_length = integer("max-length");
    return o;
  }

 private:
  Safetensors file_;
};

TensorShape stored_shape(const Shape& shape) {
  TensorShape result;
  for (int axis = 0; axis < shape.rank(); ++axis) result.push_back(shape[axis]);
  return result;
}

/// Largest difference in proportion to the largest expected number.
double error(std::span<const float> found, const std::vector<float>& expected) {
  EXPECT_EQ(found.size(), expected.size());
  double most = 0, size = 1e-6;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double d = std::abs(double(found[i]) - double(expected[i]));
    if (!(d <= most)) most = d;
    size = std::max(size, std::abs(double(expected[i])));
  }
  return most / size;
}

class GoldenTransformer : public testing::TestWithParam<const char*> {
 protected:
  const Golden golden{GetParam()};
  const std::unique_ptr<Seq2Seq> model = build_model(golden.options());
  const std::vector<int> source_ids = golden.integers("source.ids"), source_offsets = golden.integers("source.offsets");
  const std::vector<int> target_ids = golden.integers("target.ids"), target_offsets = golden.integers("target.offsets");
  const TokenGrid source{source_ids, source_offsets}, target{target_ids, target_offsets};

  void SetUp() override {
    for (const Parameter& p : model->parameters().list()) {
      golden.file().read_floats("value." + p.name, model->parameters().values_of(p), stored_shape(p.shape));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(All, GoldenTransformer,
                         testing::Values("post_norm", "pre_norm", "norm_keys", "all_norms", "one_head"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(GoldenTransformer, HasTheSameParameters) {
  std::set<std::string> expected, found;
  for (const StoredTensor& tensor : golden.file().tensors()) {
    if (tensor.name.rfind("value.", 0) == 0) expected.insert(tensor.name.substr(6));
  }
  for (const Parameter& p : model->parameters().list()) found.insert(p.name);
  EXPECT_EQ(found, expected);
}

TEST_P(GoldenTransformer, HasTheSameLossAndGradients) {
  Arena arena;
  Tape tape;
  Random random;
  std::vector<float> gradients(model->parameters().values().size(), 0.0f), losses(target_ids.size());
  const LossSums sums = model->loss({arena, &tape, &random, gradients.data()}, source, target,
                                    {.smoothing = float(golden.number("label-smoothing")), .token_losses = losses});
  tape.run_backward();
  EXPECT_NEAR(sums.smoothed / golden.number("smoothed"), 1, 1e-6);
  EXPECT_NEAR(sums.cross_entropy / golden.number("cross-entropy"), 1, 1e-6);
  EXPECT_EQ(sums.tokens, std::int64_t(target_ids.size()));
  EXPECT_LT(error(losses, golden.file().floats("losses")), 1e-5);
  double largest = 0;  // of all: where a gradient should be 0, rounding errors of this size are fair
  for (const Parameter& p : model->parameters().list()) {
    for (const float g : golden.file().floats("gradient." + p.name)) largest = std::max(largest, std::abs(double(g)));
  }
  for (const Parameter& p : model->parameters().list()) {
    const std::span<const float> found = std::span(gradients).subspan(p.offset, p.shape.size());
    const std::vector<float> expected = golden.file().floats("gradient." + p.name, stored_shape(p.shape));
    double most = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      most = std::max(most, std::abs(double(found[i]) - double(expected[i])));
    }
    if (most > 1e-7 * largest) {
      EXPECT_LT(error(found, expected), 1e-4) << p.name;
    }
  }
}

TEST_P(GoldenTransformer, HasTheSameDecoderOutputsWholeAndStepByStep) {
  const std::vector<float> expected = golden.file().floats("output");
  std::vector<int> fed;
  for (int s = 0; s < target.sentences(); ++s) {
    for (int i = target_offsets[s]; i < target_offsets[s + 1]; ++i) {
      fed.push_back(i == target_offsets[s] ? -1 : target_ids[i - 1]);
    }
  }
  Arena arena;
  const Context ctx{arena};
  const Memory memory = model->encode(ctx, source);
  const auto whole = model->start(ctx, memory, Decoding::whole);
  EXPECT_LT(error(model->step(ctx, *whole, {fed, target_offsets}).values(), expected), 1e-5);

  const auto stepwise = model->start(ctx, memory, Decoding::stepwise);
  const std::size_t width = std::size_t(model->options().dim_emb);
  for (int time = 0; time < target.longest(); ++time) {
    std::vector<int> ids, offsets = {0}, places;
    for (int s = 0; s < target.sentences(); ++s) {
      if (time < target.length(s)) {
        places.push_back(target_offsets[s] + time);
        ids.push_back(fed[places.back()]);
      }
      offsets.push_back(int(ids.size()));
    }
    const Tensor output = model->step(ctx, *stepwise, {ids, offsets});
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto begin = expected.begin() + long(std::size_t(places[i]) * width);
      EXPECT_LT(error({output.row(std::int64_t(i)), width}, {begin, begin + long(width)}), 1e-5);
    }
  }
}

}  // namespace
}  // namespace dragoman
