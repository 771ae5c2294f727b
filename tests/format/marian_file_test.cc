// Reading Marian's files, sound and damaged.

#include "format/marian_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "format/half.h"
#include "format/marian_model.h"
#include "format/marian_support.h"
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
  EXPECT_THAT(error_of(marian_bin({{"w", 0x18001, {2}, "12345678"}})), HasSubstr("arranged for one kind of processor"));
  EXPECT_THAT(error_of(marian_bin({{"w", 0x1801, {2}, "12345678"}})), HasSubstr("FBGEMM"));
  EXPECT_THAT(error_of(marian_bin({{"w", 0x404, {3}, "12345678"}})),
              HasSubstr("'w' [3] has 8 bytes of data, expected at least 12"));
  EXPECT_THAT(error_of(marian_bin({{"w", 0x404, {-1}, ""}})), HasSubstr("expected positive lengths"));
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
  EXPECT_THROW(parse(text + "x"), Error);
  EXPECT_THROW(parse(text.substr(0, text.size() - 1)), Error);
  for (const auto& [from, to] : {std::pair{"False", "True "},
                                 {"<f4", ">f4"},
                                 {"shape", "shame"},
                                 {"(2,1,)", "(2,9,)"},
                                 {"(2,1,)", "(2 1  "},
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

TEST(MarianModel, SettingsThatMarianHasNotAreNamed) {
  ModelOptions o = small_model("rnn", "n")->options();
  o.transformer_norm_keys = true;
  EXPECT_THROW(save_marian_model("/nowhere/x.npz", *build_model(o)), Error);
}

}  // namespace
}  // namespace dragoman
