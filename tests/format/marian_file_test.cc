// Reading Marian's files, sound and damaged.

#include "format/marian_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "base/error.h"
#include "base/files.h"
#include "format/half.h"
#include "format/marian_model.h"
#include "format/marian_support.h"
#include "format/shortlist.h"
#include "model/build.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

MarianFile open(const std::string& text) {
  return MarianFile::from_bytes(std::as_bytes(std::span(text)), "model.bin", nullptr);
}

std::string error_of(const std::string& text) {
  try {
    open(text);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

std::vector<float> floats(const MarianFile& file, const std::string& name) {
  const MarianItem* item = file.find(name);
  if (item == nullptr) return {};
  std::vector<float> values(static_cast<std::size_t>(item->size()));
  item->read_floats(values);
  return values;
}

TEST(MarianBin, EveryTypeBecomesItsNumbers) {
  const std::string integers = raw_bytes(std::int8_t(10)) + raw_bytes(std::int8_t(-127)) + raw_bytes(std::int8_t(3)) +
                               raw_bytes(std::int8_t(4)) + raw_bytes(std::int8_t(5)) + raw_bytes(std::int8_t(6));
  const std::string words = raw_bytes(std::int16_t(1024)) + raw_bytes(std::int16_t(-512));
  const std::string text = marian_bin({{"a", 0x404, {1, 2}, raw_bytes(1.5f) + raw_bytes(-2.0f) + std::string(248, 'x')},
                                       {"l_Wq", 0x4101, {2, 3}, integers + raw_bytes(2.0f)},
                                       {"Wemb", 0x10001, {2, 3}, integers + raw_bytes(2.0f)},
                                       {"sixteen", 0x4102, {1, 2}, words + raw_bytes(1024.0f)},
                                       {"half", 0x402, {1}, raw_bytes(std::uint16_t(0x3c00))},
                                       {"double", 0x408, {1}, raw_bytes(0.25)},
                                       {"special:model.yml", 0x101, {5}, std::string("a: 1\0", 5)}});
  const MarianFile file = open(text);
  EXPECT_THAT(floats(file, "a"), ElementsAre(1.5f, -2.0f));
  // stored as the transpose [3, 2] of what the shape says
  EXPECT_THAT(floats(file, "l_Wq"), ElementsAre(5.0f, 1.5f, 2.5f, -63.5f, 2.0f, 3.0f));
  EXPECT_THAT(floats(file, "Wemb"), ElementsAre(5.0f, -63.5f, 1.5f, 2.0f, 2.5f, 3.0f));
  EXPECT_THAT(floats(file, "sixteen"), ElementsAre(1.0f, -0.5f));
  EXPECT_THAT(floats(file, "half"), ElementsAre(1.0f));
  EXPECT_THAT(floats(file, "double"), ElementsAre(0.25f));
  EXPECT_EQ(file.settings(), "a: 1");
  EXPECT_EQ(file.find("b"), nullptr);
}

TEST(MarianBin, WhatIsWrongIsNamed) {
  const BinItem good{"a", 0x404, {2}, raw_bytes(1.0f) + raw_bytes(2.0f)};
  EXPECT_EQ(error_of(marian_bin({good})), "no error");
  EXPECT_THAT(error_of(marian_bin({good}, 2)), HasSubstr("encrypted"));
  EXPECT_THAT(error_of(marian_bin({good}, 7)), HasSubstr("expected version 1"));
  EXPECT_THAT(error_of("short"), HasSubstr("no Marian model"));
  EXPECT_THAT(error_of(marian_bin({good, good})), HasSubstr("'a' is there twice"));
  for (const auto& [code, name] : {std::pair(0x18001, "intgemm8ssse3"),
                                   {0x11001, "intgemm8avx2"},
                                   {0x12001, "intgemm8avx512"},
                                   {0x13001, "intgemm8avx512vnni"},
                                   {0x14002, "intgemm16sse2"},
                                   {0x11002, "intgemm16avx2"},
                                   {0x12002, "intgemm16avx512"}}) {
    EXPECT_THAT(error_of(marian_bin({{"w", std::uint64_t(code), {2}, "12345678"}})),
                HasSubstr("'w' has the type " + std::string(name) + ", integers arranged for one kind of processor"));
  }
  for (const auto& [code, name] : {std::pair(0x802, "packed16"), {0x1801, "packed8avx2"}, {0x2801, "packed8avx512"}}) {
    EXPECT_THAT(error_of(marian_bin({{"w", std::uint64_t(code), {2}, "12345678"}})),
                HasSubstr("'w' has the type " + std::string(name) + ", FBGEMM's own arrangement"));
  }
  EXPECT_THAT(error_of(marian_bin({{"w", 0x101010, {2}, "12345678"}})),
              HasSubstr("'w' has the type 0x101010: expected float32"));
  EXPECT_THAT(error_of(marian_bin({{"w", 0x404, {3}, "12345678"}})),
              HasSubstr("'w' [3] has 8 bytes of data, expected at least 12"));
  EXPECT_THAT(error_of(marian_bin({{"w", 0x404, {-1}, ""}})), HasSubstr("expected lengths of 0 or more"));
  EXPECT_THAT(error_of(marian_bin({{"w", 0x404, {65536, 65536}, ""}})), HasSubstr("fewer than 2^31"));
  EXPECT_THAT(error_of(marian_bin({{"w", 0x4101, {4}, "abcd" + raw_bytes(0.0f)}})), HasSubstr("multiplier 0"));
  std::string many = marian_bin({good});
  many.replace(8, 8, raw_bytes(std::uint64_t(1) << 60));
  EXPECT_THAT(error_of(many), HasSubstr("items do not fit"));
  const std::string whole = marian_bin({good});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(error_of(whole.substr(0, length)), "no error") << length;
  }
}

TEST(Numpy, HeadersAreReadBackAndCheckedClosely) {
  const auto parse = [](const std::string& text) { return parse_numpy(std::as_bytes(std::span(text)), "x"); };
  const std::string text = numpy_header(ElementType::f32, {2, 1}) + raw_bytes(1.0f) + raw_bytes(2.0f);
  EXPECT_EQ(parse(text).shape, (TensorShape{2, 1}));
  EXPECT_EQ(parse(text).type, ElementType::f32);
  EXPECT_EQ((text.size() - 8) % 64, 0u);
  // Marian's reader takes commas for dimensions
  EXPECT_THAT(numpy_header(ElementType::i8, {7}), HasSubstr("'shape': (7,), }"));
  EXPECT_THAT(numpy_header(ElementType::f32, {2, 3}), HasSubstr("'shape': (2, 3), }"));
  EXPECT_THROW(parse(text + "x"), Error);
  EXPECT_THROW(parse(text.substr(0, text.size() - 1)), Error);
  for (const auto& [from, to] : {std::pair{"False", "True "},
                                 {"<f4", ">f4"},
                                 {"shape", "shame"},
                                 {"(2, 1)", "(2, 9)"},
                                 {"(2, 1)", "(2, 1 "},
                                 {"descr", "describe"}}) {
    std::string bad = text;
    bad.replace(bad.find(from), std::string(from).size(), to);
    EXPECT_THROW(parse(bad), Error) << from;
  }
}

/// A small model of a kind, with numbers in it.
std::unique_ptr<Seq2Seq> small_model(const std::string& autoreg, const std::string& before) {
  ModelOptions o;
  o.dim_vocabs = {13, 13};
  o.dim_emb = 8;
  o.transformer_heads = 2;
  o.transformer_dim_ffn = 12;
  o.transformer_dim_aan = 12;
  o.enc_depth = o.dec_depth = 2;
  o.transformer_decoder_autoreg = autoreg;
  o.dec_cell = autoreg == "rnn" ? "ssru" : "gru";
  o.transformer_preprocess = before;
  o.transformer_postprocess = before.empty() ? "dan" : "da";
  o.transformer_postprocess_top = before.empty() ? "" : "n";
  o.tied_embeddings_all = before.empty();
  auto model = build_model(o);
  model->parameters().initialise(3);
  return model;
}

std::vector<float> scores(const Seq2Seq& model) {
  Arena arena;
  const Context ctx{arena};
  const std::vector<int> source = {4, 5, 6, 0}, target = {-1, 7, 8}, s = {0, 4}, t = {0, 3};
  const auto state = model.start(ctx, model.encode(ctx, {source, s}), Decoding::whole);
  const auto values = model.log_probabilities(ctx, model.step(ctx, *state, {target, t})).values();
  return {values.begin(), values.end()};
}

TEST(MarianModel, WhatIsWrittenIsReadBackForEveryKind) {
  const std::string path = testing::TempDir() + "/dragoman-marian.npz";
  for (const std::string autoreg : {"self-attention", "average-attention", "rnn"}) {
    for (const std::string before : {"", "n"}) {
      const auto model = small_model(autoreg, before);
      save_marian_model(path, *model);
      const auto read = load_marian_model(path, StoredWeights::as_stored);
      EXPECT_EQ(scores(*read), scores(*model)) << autoreg << " " << before;
      EXPECT_FALSE(read->parameters().has_int8());
    }
  }
  std::filesystem::remove(path);
}

TEST(MarianModel, KeysAreNormedAsItsVersionOfMarianDoes) {
  const std::string path = testing::TempDir() + "/dragoman-version.npz";
  for (const bool norms : {false, true}) {
    ModelOptions o = small_model("self-attention", "n")->options();
    o.transformer_norm_keys = norms;
    auto model = build_model(o);
    model->parameters().initialise(3);
    save_marian_model(path, *model);
    EXPECT_THAT(MarianFile::open(path).settings(), HasSubstr(norms ? "version: v1.12" : "version: v1.10"));
    const auto read = load_marian_model(path, StoredWeights::as_stored);
    EXPECT_EQ(read->options().transformer_norm_keys, norms);
    EXPECT_EQ(scores(*read), scores(*model));
  }
  std::filesystem::remove(path);
}

TEST(MarianModel, SettingsThatMarianHasNotAreNamed) {
  const auto error = [](const std::function<void(ModelOptions&)>& change) -> std::string {
    ModelOptions o = small_model("rnn", "")->options();
    change(o);
    try {
      save_marian_model("/nowhere/x.npz", *build_model(o));
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  EXPECT_THAT(error([](ModelOptions& o) { o.attention = "dot"; }), HasSubstr("attention: dot"));
  EXPECT_THAT(error([](ModelOptions& o) {
                o.type = "s2s";
                o.dec_cell = "gru";
              }),
              HasSubstr("rnn-form: own"));
}

TEST(MarianModel, SettingsOfItsFilesThatWeHaveNotAreNamed) {
  const std::string path = testing::TempDir() + "/dragoman-settings.bin";
  const auto error = [&](const std::string& settings) -> std::string {
    write_atomically(path, marian_bin({{"special:model.yml", 0x101, {std::int32_t(settings.size())}, settings}}));
    try {
      load_marian_model(path, StoredWeights::as_stored);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  const std::string sizes = "dim-vocabs: [9, 9]\ndim-emb: 8\ndim-rnn: 4\n";
  for (const auto& [setting, name] :
       {std::pair<std::string, std::string>("type: transformer_s2s", "type: "),
        {"type: s2s\nenc-cell: mlstm", "enc-cell: "},
        {"type: s2s\ndec-cell: tanh", "dec-cell: "},
        {"type: s2s\nenc-type: one", "enc-type: "},
        {"type: s2s\ndec-cell: gru-nematus\ndec-cell-high-depth: 2", "dec-cell-high-depth: "},
        {"type: nematus\nlayer-normalization: true", "enc-cell: rnn-form: nematus needs"},
        {"type: s2s\nright-left: true", "right-left: "},
        {"type: transformer\ntransformer-no-bias: true", "transformer-no-bias: "},
        {"type: transformer\ntransformer-disable-position-embeddings: true",
         "transformer-disable-position-embeddings: "}}) {
    EXPECT_THAT(error(sizes + setting + "\n"), testing::AllOf(HasSubstr(path), HasSubstr(name))) << setting;
  }
  EXPECT_THAT(error(sizes + "type: s2s\n"), HasSubstr("parameter 'encoder_Wemb' is missing"));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace dragoman
