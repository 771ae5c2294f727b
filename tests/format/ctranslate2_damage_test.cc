// Model directories of CTranslate2 that are damaged, or that our Transformer cannot run.

#include <gmock/gmock.h>

#include <limits>

#include "format/ctranslate2_model_support.h"

namespace dragoman {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CTranslate2Damage : public ::testing::Test {
 protected:
  CTranslate2Damage() : model_(random_model(exportable_options())) { folder_.write(*model_); }

  std::string error() const {
    try {
      load_ctranslate2_model(folder_.path());
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  }
  /// The error after a change of model.bin.
  std::string error(const std::function<void(RawContent&)>& change, std::uint32_t revision = 7,
                    const std::string& architecture = "TransformerSpec") const {
    const std::string path = folder_ / "model.bin", whole = read_file(path);
    RawContent content(path);
    change(content);
    write_atomically(path, content.bytes(6, revision, architecture));
    const std::string message = error();
    write_atomically(path, whole);
    EXPECT_THAT(message, StartsWith(folder_.path())) << "an error must name the file";
    return message;
  }
  /// The same with another number in a variable of one.
  template <class T>
  std::string error_with(const std::string& name, T value) const {
    return error([&](RawContent& c) { c.variables.at(name).payload = raw(value); });
  }

  std::unique_ptr<Seq2Seq> model_;
  CTranslate2Folder folder_;
};

TEST_F(CTranslate2Damage, VariablesThatAreMissingOrOfAnotherShapeAreNamed) {
  const auto without = [](const std::string& name) {
    return [name](RawContent& c) { ASSERT_EQ(c.variables.erase(name), 1u); };
  };
  EXPECT_THAT(error(without("encoder/layer_1/self_attention/linear_1/weight")),
              HasSubstr("variable 'encoder/layer_1/self_attention/linear_1/weight' [8, 8] is missing"));
  EXPECT_THAT(error(without("decoder/layer_0/attention/layer_norm/gamma")),
              HasSubstr("variable 'decoder/layer_0/attention/layer_norm/gamma' [8] is missing"));
  EXPECT_THAT(error(without("decoder/layer_0/attention/layer_norm/beta")), HasSubstr("root mean square norm"));
  EXPECT_THAT(error(without("decoder/embeddings/weight")),
              HasSubstr("variable 'decoder/embeddings/weight' is missing"));
  EXPECT_THAT(error(without("encoder/layer_0/ffn/linear_0/weight")), HasSubstr("0 layers in 'encoder/layer_...'"));
  EXPECT_THAT(error([](RawContent& c) {
                c.variables.at("decoder/projection/bias").shape = {1, 13};
              }),
              HasSubstr("variable 'decoder/projection/bias': shape [1, 13], expected [13]"));
  EXPECT_THAT(error([](RawContent& c) {
                c.variables.at("encoder/embeddings_0/weight").shape = {8, 13};
              }),
              HasSubstr("variable 'encoder/embeddings_0/weight': shape [8, 13]"));
  EXPECT_THAT(error([](RawContent& c) {
                c.variables.at("encoder/layer_0/ffn/linear_0/bias").payload =
                    raw(std::vector<float>(12, std::numeric_limits<float>::quiet_NaN()));
              }),
              HasSubstr("variable 'encoder/layer_0/ffn/linear_0/bias': number 1 of 12 is not finite"));
}

TEST_F(CTranslate2Damage, WhatOurTransformerLacksIsNamed) {
  const auto with = [](RawVariable variable) { return [=](RawContent& c) { c.add(variable); }; };
  EXPECT_THAT(error(with(raw_floats("encoder/layer_0/ffn/linear_0_noact/weight", {1}, {1}))),
              AllOf(HasSubstr("'encoder/layer_0/ffn/linear_0_noact/weight'"), HasSubstr("nothing like it")));
  EXPECT_THAT(error(with(raw_floats("encoder/layer_0/self_attention/relative_position_keys", {1}, {1}))),
              HasSubstr("relative_position_keys'"));
  EXPECT_THAT(error(with({"decoder/layer_0/self_attention/rotary_dim", {}, 3, raw(std::int32_t(4))})),
              HasSubstr("rotary_dim'"));
  EXPECT_THAT(error(with({"encoder/multi_query_attention", {}, 1, raw(std::int8_t(1))})),
              HasSubstr("variable 'encoder/multi_query_attention' is not 0"));
  EXPECT_THAT(error(with({"decoder/alibi", {}, 1, raw(std::int8_t(1))})), HasSubstr("'decoder/alibi' is not 0"));
  EXPECT_THAT(error(with({"decoder/scale_outputs", {}, 1, raw(std::int8_t(2))})), HasSubstr("scale_outputs"));
  EXPECT_THAT(error(with(raw_floats("encoder/layer_0/self_attention/queries_scale", {}, {0.1f}))),
              HasSubstr("queries_scale': 0.1"));
  EXPECT_THAT(error(with({"decoder/layer_0/attention/num_heads_kv", {}, 3, raw(std::int32_t(1))})),
              HasSubstr("num_heads_kv': 1, but our attention has 2"));
  EXPECT_THAT(error(with(raw_floats("encoder/embeddings_1/weight", {1}, {1}))), HasSubstr("several factors"));
  EXPECT_THAT(error(with(raw_floats("encoder/layer_norm/gamma", {8}, std::vector<float>(8)))),
              HasSubstr("the encoder has a variable 'encoder/layer_norm/gamma' and the decoder none"));
  const auto nothing = [](RawContent&) {};
  EXPECT_THAT(error(nothing, 8), HasSubstr("revision 8 of TransformerSpec is newer than what we know (7)"));
  EXPECT_THAT(error(nothing, 7, "WhisperSpec"), HasSubstr("the architecture is 'WhisperSpec'"));
}

TEST_F(CTranslate2Damage, SettingsThatMakeNoSenseAreNamed) {
  EXPECT_THAT(error_with("encoder/num_heads", std::int16_t(4)),
              HasSubstr("'decoder/num_heads' is 2 and the encoder's 4"));
  const auto both = [&](const std::string& name, auto value) {
    return error([&](RawContent& c) {
      c.variables.at("encoder/" + name).payload = c.variables.at("decoder/" + name).payload = raw(value);
    });
  };
  for (const int heads : {0, 3, -1, 2000}) {
    EXPECT_THAT(both("num_heads", std::int16_t(heads)),
                HasSubstr("num_heads': " + std::to_string(heads) + ", expected a divisor of the width 8"));
  }
  EXPECT_THAT(both("activation", std::int8_t(7)), HasSubstr("activation': 7, expected 0 to 6"));
  EXPECT_THAT(both("activation", std::int8_t(-1)), HasSubstr("activation': -1"));
  EXPECT_THAT(error([](RawContent& c) {
                for (const std::string side : {"encoder", "decoder"}) {
                  c.add(raw_floats(side + "/scale_embeddings", {}, {-1}));
                }
              }),
              HasSubstr("scale_embeddings': -1, expected a positive factor"));
  EXPECT_THAT(error([](RawContent& c) {
                c.variables.at("encoder/num_heads") = raw_floats("encoder/num_heads", {2}, {2, 2});
              }),
              HasSubstr("'encoder/num_heads': shape [2], expected a single number"));
}

TEST_F(CTranslate2Damage, OtherFilesAreNamed) {
  folder_.edit("config.json", "1e-06", "-1");
  EXPECT_THAT(error(), StartsWith(folder_ / "config.json: layer_norm_epsilon"));
  folder_.edit("config.json", "-1", "null");
  EXPECT_EQ(error(), "no error");
  folder_.edit("config.json", "{", R"({"quantization_type": 1,)");
  EXPECT_THAT(error(), HasSubstr("quantization_type"));
  write_atomically(folder_ / "config.json", "{");
  EXPECT_THAT(error(), StartsWith(folder_ / "config.json: no JSON"));
  std::filesystem::remove(folder_ / "config.json");
  EXPECT_THAT(error(), HasSubstr("no config.json in it"));
  folder_.write(*model_);
  folder_.edit("source_vocabulary.json", "\"a\",", "");
  EXPECT_THAT(error(), AllOf(HasSubstr("'encoder/embeddings_0/weight': shape [13, 8]"),
                             HasSubstr("source_vocabulary.json has 12 tokens")));
  std::filesystem::remove(folder_ / "target_vocabulary.json");
  EXPECT_THAT(error(), HasSubstr("no vocabulary"));
  std::filesystem::remove(folder_ / "model.bin");
  EXPECT_THAT(error(), HasSubstr(folder_ / "model.bin"));
}

TEST_F(CTranslate2Damage, ATokenThatEveryLineWouldHaveToGiveIsAnError) {
  ModelOptions o = exportable_options();
  o.decoder_start_token = 3;
  folder_.write(*random_model(o));
  folder_.edit("config.json", "\"decoder_start_token\": \"b\"", "\"decoder_start_token\": null");
  EXPECT_THAT(error(), StartsWith(folder_.path() + "/config.json: decoder_start_token: null"));
}

TEST(CTranslate2Export, RefusesWhatCTranslate2CannotRun) {
  const auto error = [](const std::function<void(ModelOptions&)>& change) {
    ModelOptions o = exportable_options();
    change(o);
    try {
      check_ctranslate2_export(o);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(error([](ModelOptions&) {}), "no error");
  EXPECT_THAT(error([](ModelOptions& o) { o.type = "s2s"; }), HasSubstr("type: s2s, expected transformer"));
  EXPECT_THAT(error([](ModelOptions& o) { o.transformer_decoder_autoreg = "average-attention"; }),
              HasSubstr("transformer-decoder-autoreg: average-attention, expected self-attention"));
  EXPECT_THAT(error([](ModelOptions& o) { o.self_attention = "dot"; }), HasSubstr("self-attention: dot"));
  EXPECT_THAT(error([](ModelOptions& o) { o.attention = "general"; }), HasSubstr(" attention: general"));
  EXPECT_THAT(error([](ModelOptions& o) { o.transformer_preprocess = "n"; }), HasSubstr("transformer-preprocess 'n'"));
  EXPECT_THAT(error([](ModelOptions& o) {
                pre_norm(o);
                o.transformer_norm_keys = false;
              }),
              HasSubstr("transformer-norm-keys: false"));
  EXPECT_THAT(error([](ModelOptions& o) { o.transformer_postprocess_top = "na"; }),
              HasSubstr("transformer-postprocess-top: 'na'"));
}

TEST(CTranslate2Export, RefusesVocabulariesThatDisagreeAndNumbersTooLargeForTheirType) {
  const auto model = random_model(exportable_options());
  const CTranslate2Folder folder;
  const auto error = [&](const ExportedVocabulary& source, const ExportedVocabulary& target, ExportedWeights weights) {
    try {
      export_ctranslate2(folder.path(), *model, source, target, false, weights);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  const ExportedVocabulary usual = letters_vocabulary(13);
  ExportedVocabulary other = usual;
  other.tokens[0] = "<eos>";
  EXPECT_THAT(error(usual, other, ExportedWeights::f32),
              HasSubstr("the sentence end is '</s>' in the source vocabulary and '<eos>' in the target"));
  other = usual;
  other.tokens[1] = "UNK";
  EXPECT_THAT(error(usual, other, ExportedWeights::f32), HasSubstr("the unknown token is '<unk>'"));
  other.unknown = 99;
  EXPECT_THAT(error(usual, other, ExportedWeights::f32), HasSubstr("99 is no token"));
  const Parameter& bias = *model->parameters().find("encoder.layers.0.self.output.bias");
  model->parameters().values_of(bias)[0] = 1e5f;
  EXPECT_THAT(error(usual, usual, ExportedWeights::f16),
              AllOf(HasSubstr("'encoder/layer_0/self_attention/linear_1/bias'"), HasSubstr("too large for float16")));
  EXPECT_EQ(error(usual, usual, ExportedWeights::bf16), "no error");
}

}  // namespace
}  // namespace dragoman
