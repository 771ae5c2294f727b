// Models whose weights are integers: of both type codes of Marian's branches, in eight and sixteen bits, with and
// without multipliers of activations ("alphas").

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/files.h"
#include "format/marian_file.h"
#include "format/marian_model.h"
#include "format/marian_support.h"
#include "model/build.h"

namespace dragoman {
namespace {

constexpr float multiplier = 100, alpha = 7;

struct Kind {
  std::uint64_t code;
  bool alphas;
  bool quantizes_words;  ///< as the branch of Bergamot and Firefox does
};

bool is_in_products(const std::string& name) {
  return name.ends_with("_W") || (name.size() > 3 && name.compare(name.size() - 3, 2, "_W") == 0);
}

std::unique_ptr<Seq2Seq> small_transformer() {
  ModelOptions o;
  o.dim_vocabs = {11, 11};
  o.dim_emb = 8;
  o.transformer_heads = 2;
  o.transformer_dim_ffn = 12;
  o.transformer_decoder_autoreg = "rnn";
  o.dec_cell = "ssru";
  o.tied_embeddings_all = true;
  auto model = build_model(o);
  model->parameters().initialise(3);
  return model;
}

std::unique_ptr<Seq2Seq> small_recurrent_model() {
  ModelOptions o;
  o.type = "s2s";
  o.dim_vocabs = {11, 13};
  o.dim_emb = 8;
  o.dim_rnn = 4;
  o.enc_cell = "lstm";
  o.rnn_form = "marian";
  o.attention = "additive";
  auto model = build_model(o);
  model->parameters().initialise(4);
  return model;
}

/// The file of a model with matrices as integers, stored as Marian does: those of products by column.
std::string integer_file(const std::string& npz, const Kind& kind) {
  const MarianFile floats = MarianFile::open(npz);
  const bool is_wide = (kind.code & 0xf) == 2;
  std::vector<BinItem> items;
  for (const MarianItem& item : floats.items()) {
    const std::vector<std::int32_t> shape(item.shape.begin(), item.shape.end());
    std::vector<float> values(static_cast<std::size_t>(item.size()));
    item.read_floats(values);
    const bool of_words = kind.quantizes_words && item.name.find("Wemb") != std::string::npos;
    std::string data;
    if (!is_in_products(item.name) && !of_words) {
      data.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
      items.push_back({item.name, 0x404, shape, data});
      continue;
    }
    const std::size_t rows = std::size_t(shape[0]), columns = std::size_t(shape[1]);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float value = of_words ? values[i] : values[i % rows * columns + i / rows];
      const long number = std::lrint(value * multiplier);
      data += is_wide ? raw_bytes(std::int16_t(number)) : raw_bytes(std::int8_t(number));
    }
    items.push_back({item.name, kind.code, shape, data + raw_bytes(multiplier) + std::string(13, '\0')});
    if (!kind.alphas) continue;
    const std::string name = item.name + "_QuantMultA";
    if (of_words) {  // Marian quantises this one too, as its name says Wemb
      items.push_back(
          {name, kind.code, {1, 1}, raw_bytes(std::int8_t(127)) + raw_bytes(127 / alpha) + std::string(3, '\0')});
      if (item.name != "decoder_Wemb") items.push_back({"none_QuantMultA", 0x404, {1, 1}, raw_bytes(alpha)});
    } else {
      items.push_back({name, 0x404, {1, 1}, raw_bytes(alpha) + std::string(252, '\0')});
    }
  }
  const std::string settings = floats.settings() + '\0';
  items.push_back({"special:model.yml", 0x101, {std::int32_t(settings.size())}, settings});
  return marian_bin(items);
}

class MarianIntegerModels : public testing::TestWithParam<Kind> {
 protected:
  ~MarianIntegerModels() override { std::filesystem::remove_all(folder_); }

  std::string write(const Seq2Seq& model) const {
    std::filesystem::create_directories(folder_);
    save_marian_model(folder_ + "/model.npz", model);
    write_atomically(folder_ + "/model.bin", integer_file(folder_ + "/model.npz", GetParam()));
    return folder_ + "/model.bin";
  }

  static void expect_rounded(const Seq2Seq& found, const Seq2Seq& model) {
    for (const Parameter& p : model.parameters().list()) {
      const float* expected = model.parameters().values().data() + p.offset;
      const float* values = found.parameters().values().data() + found.parameters().find(p.name)->offset;
      for (int i = 0; i < p.shape.size(); ++i) ASSERT_NEAR(values[i], expected[i], 0.501 / multiplier) << p.name << i;
    }
  }

  const std::string folder_ = testing::TempDir() + "/dragoman-integers";
};
INSTANTIATE_TEST_SUITE_P(All, MarianIntegerModels,
                         testing::Values(Kind{0x4101, false, true}, Kind{0x4101, true, true},
                                         Kind{0x10001, false, false}, Kind{0x10001, true, false},
                                         Kind{0x4102, false, true}, Kind{0x10002, false, false},
                                         Kind{0x10002, true, false}),
                         [](const auto& instance) {
                           const Kind& kind = instance.param;
                           return std::string(kind.code < 0x10000 ? "fork" : "upstream") +
                                  (kind.code % 16 == 1 ? "8" : "16") + (kind.alphas ? "alphas" : "");
                         });

TEST_P(MarianIntegerModels, AreReadAsWhatTheyStandFor) {
  for (const auto& model : {small_transformer(), small_recurrent_model()}) {
    SCOPED_TRACE(model->options().type);
    expect_rounded(*load_marian_model(write(*model), StoredWeights::floats), *model);
  }
}

TEST_P(MarianIntegerModels, InEightBitsStayIntegersWithTheirAlphas) {
  const auto [code, alphas, quantizes_words] = GetParam();
  for (const auto& model : {small_transformer(), small_recurrent_model()}) {
    SCOPED_TRACE(model->options().type);
    const auto found = load_marian_model(write(*model), StoredWeights::as_stored);
    if (code % 16 == 2) {
      EXPECT_FALSE(found->parameters().has_int8()) << "sixteen bits become floats";
      expect_rounded(*found, *model);
      continue;
    }
    int integers = 0;
    for (const Parameter& p : found->parameters().list()) {
      if (p.int8 == nullptr) continue;
      ++integers;
      ASSERT_EQ(p.int8->parts().size(), 1u) << p.name;
      EXPECT_FLOAT_EQ(p.int8->parts()[0].activation_scale, alphas ? alpha : 0.0f) << p.name;
      const float* expected = model->parameters().values().data() + model->parameters().find(p.name)->offset;
      const bool is_map = p.use == ParameterUse::map;
      for (int o = 0; o < p.outputs(); ++o) {
        for (int i = 0; i < p.inputs(); ++i) {
          const float value = float(p.int8->row(o)[std::size_t(i)]) * p.int8->scale(o);
          const float exact = expected[is_map ? i * p.outputs() + o : o * p.inputs() + i];
          ASSERT_NEAR(value, exact, 0.501 / multiplier) << p.name << " " << o << " " << i;
        }
      }
    }
    const bool is_transformer = model->options().type == "transformer";
    // maps of attention, feed-forward layers and the SSRU; inputs of cells and the start; and tables of words
    EXPECT_EQ(integers, is_transformer ? 11 + quantizes_words : 5 + 2 * quantizes_words);
  }
}

}  // namespace
}  // namespace dragoman
