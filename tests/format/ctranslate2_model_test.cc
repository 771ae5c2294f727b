// Whole model directories of CTranslate2: what is written is read again, of whatever type, version and revision.

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "format/ctranslate2_model_support.h"
#include "format/half.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Variant> exportable() {
  std::vector<Variant> all;
  const auto add = [&](const std::string& name, auto change) {
    all.push_back({name, exportable_options()});
    change(all.back().options);
  };
  add("post_norm", [](ModelOptions&) {});
  add("pre_norm", pre_norm);
  add("pre_norm_without_top", [](ModelOptions& o) {
    pre_norm(o);
    o.transformer_postprocess_top = "";
  });
  add("post_norm_with_top", [](ModelOptions& o) { o.transformer_postprocess_top = "n"; });
  add("embedding_norm", [](ModelOptions& o) { o.transformer_postprocess_emb = "nd"; });
  for (const std::string kind : {"relu", "gelu", "gelu-tanh", "gelu-sigmoid", "swish", "tanh", "sigmoid"}) {
    std::string name = kind;
    std::replace(name.begin(), name.end(), '-', '_');
    add(name, [&](ModelOptions& o) { o.transformer_ffn_activation = kind; });
  }
  add("learned_positions", [](ModelOptions& o) { o.transformer_train_position_embeddings = true; });
  add("separate_positions",
      [](ModelOptions& o) { o.transformer_train_position_embeddings = o.separate_position_embeddings = true; });
  add("from_position_one", [](ModelOptions& o) { o.transformer_first_position = 1; });
  add("two_vocabularies", [](ModelOptions& o) { o.dim_vocabs = {9, 17}; });
  add("tied", [](ModelOptions& o) {
    o.dim_vocabs = {9, 17};
    o.tied_embeddings = true;
  });
  add("tied_src", [](ModelOptions& o) { o.tied_embeddings_src = true; });
  add("tied_all", [](ModelOptions& o) { o.tied_embeddings_all = true; });
  add("omit_bias", [](ModelOptions& o) { o.output_omit_bias = true; });
  add("decoder_ffn", [](ModelOptions& o) { o.transformer_decoder_dim_ffn = 5; });
  add("deep_decoder", [](ModelOptions& o) { o.dec_depth = 3; });
  add("embedding_scale", [](ModelOptions& o) { o.embedding_scale = 0.75; });
  add("unscaled", [](ModelOptions& o) { o.embedding_scale = 1; });
  add("epsilon", [](ModelOptions& o) { o.layer_norm_epsilon = 1e-3; });
  add("start_token", [](ModelOptions& o) { o.decoder_start_token = 3; });
  add("source_start", [](ModelOptions& o) { o.encoder_start_token = 2; });
  add("source_without_end", [](ModelOptions& o) { o.encoder_omit_end = true; });
  add("source_start_without_end", [](ModelOptions& o) {
    o.encoder_start_token = 4;
    o.encoder_omit_end = true;
  });
  return all;
}

class CTranslate2RoundTrip : public ModelTest {};
INSTANTIATE_TEST_SUITE_P(All, CTranslate2RoundTrip, ::testing::ValuesIn(exportable()), variant_name);

TEST_P(CTranslate2RoundTrip, GivesTheSameLogProbabilities) {
  const auto model = random_model(options());
  const CTranslate2Folder folder;
  folder.write(*model);
  const LoadedModel loaded = load_ctranslate2_model(folder.path());
  EXPECT_EQ(log_probabilities_of(*loaded.model), log_probabilities_of(*model));
  const ModelOptions &found = loaded.config.options, &given = options();
  EXPECT_EQ(found.tied_embeddings_all, given.tied_embeddings_all);
  EXPECT_EQ(found.tied_embeddings_src, given.tied_embeddings_src);
  EXPECT_EQ(found.transformer_train_position_embeddings, given.transformer_train_position_embeddings);
  EXPECT_EQ(found.separate_position_embeddings, given.separate_position_embeddings);
  EXPECT_EQ(found.output_omit_bias, given.output_omit_bias);
  EXPECT_EQ(found.embedding_scale, given.embedding_scale);
  EXPECT_EQ(loaded.model->longest_sentence(), model->longest_sentence());
}

TEST_P(CTranslate2RoundTrip, RoundedWeightsStayWhatTheyAre) {
  const auto model = random_model(options());
  const auto exact = log_probabilities_of(*model);
  for (const auto& [kind, tolerance] : {std::pair{ExportedWeights::f16, 5e-3},
                                        {ExportedWeights::bf16, 5e-2},
                                        {ExportedWeights::int16, 2e-2},
                                        {ExportedWeights::int8, 2e-1}}) {
    const CTranslate2Folder folder, again;
    folder.write(*model, kind);
    const LoadedModel loaded = load_ctranslate2_model(folder.path());
    const auto rounded = log_probabilities_of(*loaded.model);
    EXPECT_LT(largest_difference(rounded, exact), tolerance);
    EXPECT_NE(rounded, exact) << "nothing was rounded";
    again.write(*loaded.model, kind);  // what is rounded already is not changed by the same rounding
    const LoadedModel twice = load_ctranslate2_model(again.path());
    EXPECT_LT(largest_difference(log_probabilities_of(*twice.model), rounded), 1e-5);
  }
}

TEST(CTranslate2Model, WeightsOfEightBitsCanStayAsTheyAre) {
  const auto model = random_model(exportable_options());
  const CTranslate2Folder folder;
  folder.write(*model, ExportedWeights::int8);
  const CTranslate2File file = CTranslate2File::open(folder / "model.bin");
  const LoadedModel loaded = load_ctranslate2_model(folder.path(), StoredWeights::as_stored);
  const Parameter& outer = *loaded.model->parameters().find("encoder.layers.1.feed_forward.outer.weight");
  ASSERT_NE(outer.int8, nullptr);
  const StoredTensor& stored = *file.find("encoder/layer_1/ffn/linear_1/weight");
  ASSERT_EQ(outer.int8->rows().size(), stored.size());
  EXPECT_EQ(std::memcmp(outer.int8->rows().data(), stored.bytes.data(), stored.size()), 0);
  EXPECT_FALSE(load_ctranslate2_model(folder.path()).model->parameters().has_int8());
  folder.write(*model);
  EXPECT_FALSE(load_ctranslate2_model(folder.path(), StoredWeights::as_stored).model->parameters().has_int8());
}

/// The settings of config.json as they were before there was one.
void settings_to_variables(RawContent& content) {
  const auto text = [&](const char* name, const std::string& value) {
    content.add({name, {std::uint32_t(value.size())}, 1, value});
  };
  text("unk_token", "<unk>");
  text("bos_token", "c");
  text("eos_token", "</s>");
  content.add({"with_source_bos", {}, 1, raw(std::int8_t(1))});
  content.add({"with_source_eos", {}, 1, raw(std::int8_t(1))});
  content.add({"with_target_bos", {}, 1, raw(std::int8_t(1))});
}

TEST(CTranslate2Model, AllBinaryVersionsComputeTheSame) {
  ModelOptions o = exportable_options();
  o.tied_embeddings_all = true;
  o.encoder_start_token = o.decoder_start_token = 4;  // "c"
  const auto model = random_model(o);
  for (const auto kind : {ExportedWeights::f32, ExportedWeights::int16, ExportedWeights::int8}) {
    const CTranslate2Folder folder;
    folder.write(*model, kind);
    const auto expected = log_probabilities_of(*load_ctranslate2_model(folder.path()).model);
    RawContent content(folder / "model.bin");
    write_atomically(folder / "model.bin", content.bytes(6));
    EXPECT_EQ(log_probabilities_of(*load_ctranslate2_model(folder.path()).model), expected);
    settings_to_variables(content);
    std::filesystem::remove(folder / "config.json");
    for (std::uint32_t version = 2; version <= 5; ++version) {
      if (version < 3 && kind != ExportedWeights::f32) continue;  // scales would be aliases
      SCOPED_TRACE(version);
      write_atomically(folder / "model.bin", content.bytes(version));
      const LoadedModel loaded = load_ctranslate2_model(folder.path());
      EXPECT_EQ(loaded.config.options.encoder_start_token, 4);
      EXPECT_EQ(loaded.config.options.decoder_start_token, 4);
      // the epsilon was in no file then; CTranslate2's is 1e-5
      EXPECT_LT(largest_difference(log_probabilities_of(*loaded.model), expected), 1e-3);
    }
  }
}

/// The names of revision 5 and of those before, which had one setting for both sides.
void to_revision_before_5(RawContent& content) {
  for (const std::string name : {"num_heads", "pre_norm", "activation"}) {
    content.variables.erase("decoder/" + name);
    content.rename("encoder/" + name, name);
  }
  content.rename("encoder/embeddings_merge", "embeddings_merge");
  content.rename("decoder/alignment_layer", "alignment_layer");
  content.rename("decoder/alignment_heads", "alignment_heads");
}

TEST(CTranslate2Model, AllRevisionsComputeTheSame) {
  ModelOptions o = exportable_options();
  pre_norm(o);
  o.transformer_first_position = 1;
  o.transformer_ffn_activation = "gelu";
  const auto model = random_model(o);
  const auto expected = log_probabilities_of(*model);
  const CTranslate2Folder folder;
  folder.write(*model);
  RawContent content(folder / "model.bin");
  for (std::uint32_t revision = 7; revision >= 2; --revision) {
    SCOPED_TRACE(revision);
    if (revision == 4) to_revision_before_5(content);
    write_atomically(folder / "model.bin", content.bytes(6, revision));
    EXPECT_EQ(log_probabilities_of(*load_ctranslate2_model(folder.path()).model), expected);
  }
}

TEST(CTranslate2Model, RevisionOneHasTheNamesOfOpenNMT) {
  ModelOptions o = exportable_options();
  pre_norm(o);
  o.transformer_first_position = 1;
  o.transformer_ffn_activation = "relu";
  o.transformer_heads = 8;  // TransformerBase does not say it
  o.layer_norm_epsilon = 1e-5;
  o.decoder_start_token = 4;
  const auto model = random_model(o);
  const CTranslate2Folder folder;
  folder.write(*model);
  const RawContent content(folder / "model.bin");
  std::vector<RawVariable> old;
  for (const auto& [newest, stored] : content.variables) {
    if (stored.shape.empty()) continue;
    RawVariable variable = stored;
    std::string name = newest;
    const auto replace = [&name](const std::string& from, const std::string& to) {
      const std::size_t place = name.find(from);
      if (place != std::string::npos) name.replace(place, from.size(), to);
    };
    if (name.find("position_encodings") != std::string::npos) continue;
    replace("embeddings_0/weight", "w_embs");
    replace("embeddings/weight", "w_embs");
    replace("weight", "kernel");
    replace("layer_norm", "LayerNorm");
    replace("projection", "dense");
    replace("linear_0", "conv1d");
    replace("linear_", "conv1d_");
    replace("self_attention", name[0] == 'e' ? "multi_head" : "masked_multi_head");
    replace("/attention", "/multi_head");
    variable.name = "transformer/" + name + ":0";
    old.push_back(variable);
  }
  old.push_back({"bos_token", {1}, 1, "c"});
  old.push_back({"with_source_eos", {}, 1, raw(std::int8_t(1))});
  write_atomically(folder / "model.bin", raw_model(2, old, {}, "TransformerBase", 1));
  std::filesystem::remove(folder / "config.json");
  const LoadedModel loaded = load_ctranslate2_model(folder.path());
  EXPECT_EQ(log_probabilities_of(*loaded.model), log_probabilities_of(*model));
  write_atomically(folder / "model.bin", raw_model(1, old));
  EXPECT_EQ(log_probabilities_of(*load_ctranslate2_model(folder.path()).model), log_probabilities_of(*model));
}

TEST(CTranslate2Model, SettingsAndVocabulariesAreWhatCTranslate2Needs) {
  ModelOptions o = exportable_options();
  o.encoder_start_token = 3;
  o.encoder_omit_end = true;
  const CTranslate2Folder folder;
  folder.write(*random_model(o));
  const CTranslate2Side side = read_ctranslate2_side(folder.path());
  EXPECT_TRUE(side.config.add_source_bos);
  EXPECT_FALSE(side.config.add_source_eos);
  EXPECT_EQ(side.config.bos_token, "b");
  EXPECT_EQ(side.config.layer_norm_epsilon, 1e-6);
  EXPECT_EQ(side.vocabularies.source_path, folder / "source_vocabulary.json");
  EXPECT_EQ(side.vocabularies.target.size(), 13u);
  EXPECT_EQ(CTranslate2File::open(folder / "model.bin").number("decoder/start_from_zero_embedding"), 1);
  EXPECT_TRUE(is_ctranslate2_directory(folder.path()));
  EXPECT_FALSE(is_ctranslate2_directory("/nowhere"));
}

TEST(CTranslate2Model, VocabulariesMayBeTexts) {
  const auto model = random_model(exportable_options());
  const CTranslate2Folder folder;
  folder.write(*model);
  for (const std::string side : {"source", "target"}) {
    std::string text;
    for (const std::string& token : letters_vocabulary(13).tokens) text += token + "\n";
    write_atomically(folder / (side + "_vocabulary.txt"), text);
    std::filesystem::remove(folder / (side + "_vocabulary.json"));
  }
  EXPECT_EQ(log_probabilities_of(*load_ctranslate2_model(folder.path()).model), log_probabilities_of(*model));
}

TEST(CTranslate2Model, SentencePieceModelsBesideItAreFound) {
  const CTranslate2Folder folder;
  folder.write(*random_model(exportable_options()));
  const auto found = [&] {
    const ModelConfig config = load_ctranslate2_model(folder.path()).config;
    return std::vector<std::string>{config.source_vocabulary, config.target_vocabulary};
  };
  EXPECT_THAT(found(), ElementsAre(folder / "source_vocabulary.json", folder / "target_vocabulary.json"));
  write_atomically(folder / "source.spm", "");
  EXPECT_THAT(found(), ElementsAre(folder / "source_vocabulary.json", folder / "target_vocabulary.json"));
  write_atomically(folder / "target.spm", "");
  EXPECT_THAT(found(), ElementsAre(folder / "source.spm", folder / "target.spm"));
  write_atomically(folder / "sentencepiece.model", "");
  EXPECT_THAT(found(), ElementsAre(folder / "sentencepiece.model", folder / "sentencepiece.model"));
}

TEST(Half, RoundsToTheNearest) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float f16 = from_f16(std::uint16_t(bits)), bf16 = from_bf16(std::uint16_t(bits));
    EXPECT_TRUE(std::isnan(f16) || to_f16(f16) == bits) << bits;
    EXPECT_TRUE(std::isnan(bf16) || to_bf16(bf16) == bits) << bits;
  }
  EXPECT_EQ(to_f16(1 + 0x1p-11f), to_f16(1)) << "of two the even one";
  EXPECT_EQ(from_f16(to_f16(1 + 0x3p-11f)), 1 + 0x2p-10f);
  EXPECT_EQ(from_f16(to_f16(1 + 0x1.1p-11f)), 1 + 0x1p-10f);
  EXPECT_EQ(from_f16(to_f16(0x1.8p-25f)), 0x1p-24f);
  EXPECT_EQ(from_f16(to_f16(-0x1p-25f)), 0.0f);
  EXPECT_EQ(from_f16(to_f16(65519)), 65504);
  EXPECT_TRUE(std::isinf(from_f16(to_f16(65520))) && std::isinf(from_f16(to_f16(1e30f))));
  EXPECT_TRUE(std::isnan(from_f16(to_f16(NAN))) && std::isnan(from_bf16(to_bf16(NAN))));
  EXPECT_EQ(from_bf16(to_bf16(1 + 0x1p-8f)), 1);
  EXPECT_EQ(from_bf16(to_bf16(1 + 0x3p-8f)), 1 + 0x2p-7f);
  EXPECT_TRUE(std::isinf(from_bf16(to_bf16(std::numeric_limits<float>::max()))));
}

}  // namespace
}  // namespace dragoman
