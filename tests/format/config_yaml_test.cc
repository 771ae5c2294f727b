#include "format/config_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "format/marian_settings.h"
#include "format/option_fields.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string error_of(const std::string& yaml) {
  try {
    parse_config(yaml, "train.yml");
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(ConfigYaml, ReadsScalarsAndListsWithTheirLines) {
  const auto entries = parse_config(
      "# a comment\ntype: transformer\ndevices: 0 1 2\n\nafter: \"10e\"\n"
      "train-sets:\n  - a b\n  - c\nempty: []\nnothing:\n",
      "train.yml");
  ASSERT_EQ(entries.size(), 6u);
  EXPECT_EQ(entries[0].key, "type");
  EXPECT_EQ(entries[0].where, "train.yml line 2");
  EXPECT_TRUE(entries[1].value.plain);
  EXPECT_THAT(entries[1].value.texts, ElementsAre("0 1 2"));
  EXPECT_FALSE(entries[2].value.plain) << "a quoted text is one element";
  EXPECT_THAT(entries[3].value.texts, ElementsAre("a b", "c"));
  EXPECT_EQ(entries[3].where, "train.yml line 6");
  EXPECT_THAT(entries[4].value.texts, IsEmpty());
  EXPECT_THAT(entries[5].value.texts, IsEmpty());
}

TEST(ConfigYaml, AnEmptyDocumentHasNoEntries) {
  EXPECT_TRUE(parse_config("", "x").empty());
  EXPECT_TRUE(parse_config("# nothing\n---\n", "x").empty());
}

TEST(ConfigYaml, ErrorsNameFileLineAndKey) {
  EXPECT_EQ(error_of("a: 1\nb: {c: 1}\n"),
            "train.yml line 2: b: expected a value or a list, found a mapping (settings are not nested)");
  EXPECT_EQ(error_of("a: 1\nb: [[1]]\n"),
            "train.yml line 2: b: expected a list of single values, found a list inside it");
  EXPECT_EQ(error_of("a: 1\nb: 2\na: 3\n"), "train.yml line 3: a is given twice");
  EXPECT_EQ(error_of("- a\n- b\n"), "train.yml line 1: expected lines of 'key: value'");
  EXPECT_EQ(error_of("just text"), "train.yml line 1: expected lines of 'key: value'");
  EXPECT_THAT(error_of("a: 1\nb: [1, 2\nc: 3\n"), HasSubstr("train.yml line "));
  EXPECT_THAT(error_of("a: \"b\" c\n"), HasSubstr("broken YAML"));
  EXPECT_THAT(error_of("a: *nowhere\n"), HasSubstr("broken YAML"));
  EXPECT_THAT(error_of("[1, 2]: 3\n"), HasSubstr("expected the name of a setting"));
  EXPECT_THAT(error_of("a: 1\n---\nb: 2\n"), HasSubstr("expected one YAML document, found several"));
  EXPECT_THAT(error_of(std::string("a: \0b", 5)), HasSubstr("NUL"));
  EXPECT_THAT(error_of(std::string(100000, '[')), HasSubstr("broken YAML"));
  EXPECT_THROW(read_config("/nowhere/train.yml"), Error);
}

TEST(ConfigYaml, DamagedFilesAreReadOrRefusedButNeverCrash) {
  TrainSettings original;
  const std::string text = dump_config(describe(original), Dump::full);
  Random random(1);
  int refused = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::string damaged = text;
    for (int change = 0; change < 3; ++change) {
      const std::size_t place = random.below(damaged.size());
      switch (random.below(3)) {
        case 0:
          damaged[place] = char(random.below(256));
          break;
        case 1:
          damaged.erase(place, 1 + random.below(20));
          break;
        default:
          damaged.insert(place, 1, "[]{}:-\"'|>&*!%@\t\n,#"[random.below(19)]);
      }
    }
    if (trial % 10 == 0) damaged.resize(random.below(damaged.size()));
    try {
      TrainSettings settings;
      Fields fields = describe(settings);
      for (const auto& entry : parse_config(damaged, "x")) fields.set(entry.key, entry.value, entry.where);
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), ::testing::StartsWith("x"));
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

TEST(ConfigYaml, ValuesOfSetAreReadAsYaml) {
  EXPECT_THAT(parse_config_value("[bleu, chrf]", "x").texts, ElementsAre("bleu", "chrf"));
  EXPECT_THAT(parse_config_value("a b", "x").texts, ElementsAre("a b"));
  EXPECT_TRUE(parse_config_value("a b", "x").plain);
  EXPECT_FALSE(parse_config_value("'a b'", "x").plain);
  EXPECT_THAT(parse_config_value("", "x").texts, IsEmpty());
  EXPECT_THROW(parse_config_value("[", "x"), Error);
}

/// Sets every setting to another value than its default.
void change_all(Fields& fields) {
  for (const auto& field : std::vector<Field>(fields.all())) {
    std::string text = "text: [of], {all} \"kinds\" ä # \\";
    if (!field.limits.values.empty()) {
      text = field.limits.values.back();
      if (text == field.default_yaml) text = field.limits.values.front();
    }
    if (field.is_flag()) text = field.default_yaml == "true" ? "false" : "true";
    if (field.limits.check) text = field.name.starts_with("transformer") ? "d" : "12Mt";
    std::visit(
        [&](auto* variable) {
          using T = std::remove_pointer_t<decltype(variable)>;
          if constexpr (std::is_same_v<T, int> || std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint64_t> ||
                        std::is_same_v<T, std::vector<int>>) {
            text = "7";
          }
          if constexpr (std::is_same_v<T, double> || std::is_same_v<T, std::vector<double>>) text = "0.123456789012345";
          if constexpr (std::is_same_v<T, Period>) text = "77Mt";
        },
        field.target);
    if (field.name == "transformer-postprocess-emb") text = "n";
    if (field.name == "transformer-guided-alignment-layer") text = "3";
    if (field.name == "repetition-penalty") text = "1.5";
    SettingText value{{text}, false};
    if (field.is_list() && field.limits.separator == 0) value.texts.push_back(text);
    fields.set(field.name, value, "test");
  }
}

template <class Settings>
void expect_round_trip() {
  for (const Dump dump : {Dump::full, Dump::minimal}) {
    Settings settings, other;
    Fields fields = describe(settings), again = describe(other);
    change_all(fields);
    const std::string text = dump_config(fields, dump);
    for (const auto& entry : parse_config(text, "dump")) again.set(entry.key, entry.value, entry.where);
    int changed = 0;
    for (const auto& field : fields.all()) {
      EXPECT_EQ(field.yaml(), again.find(field.name)->yaml()) << field.name;
      changed += field.yaml() != field.default_yaml;
    }
    EXPECT_GE(changed, int(fields.all().size()) - 1) << "type has only one value";
    EXPECT_EQ(dump_config(again, dump), text);
  }
}

TEST(ConfigYaml, DumpedSettingsReadBackTheSame) {
  expect_round_trip<TrainSettings>();
  expect_round_trip<TranslateSettings>();
  expect_round_trip<ScoreSettings>();
  expect_round_trip<ModelOptions>();
}

TEST(ConfigYaml, AMinimalDumpHoldsOnlyWhatIsNotDefault) {
  TrainSettings settings;
  Fields fields = describe(settings);
  EXPECT_EQ(dump_config(fields, Dump::minimal), "");
  settings.model.enc_depth = 6;
  EXPECT_EQ(dump_config(fields, Dump::minimal), "# Model options\nenc-depth: 6\n");
}

TEST(MarianSettings, AreNoneOfOurs) {
  TrainSettings settings;
  const Fields fields = describe(settings);
  std::vector<std::string> seen;
  for (const auto& setting : marian_settings()) {
    EXPECT_EQ(fields.find(setting.name), nullptr) << setting.name;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), setting.name), 0) << setting.name << " is there twice";
    seen.emplace_back(setting.name);
  }
}

TEST(MarianSettings, TypesThatAreS2sUnderAnotherNameAreS2s) {
  for (const std::string type : {"nematus", "amun"}) {
    ConfigEntry entry{"type", {{type}, true}, "m.yml line 1"};
    EXPECT_EQ(adapt_marian_entry(entry), "m.yml line 1: type: " + type + " is type: s2s under another name");
    EXPECT_EQ(entry.value.texts, std::vector<std::string>{"s2s"});
  }
  ConfigEntry other{"type", {{"char-s2s"}, true}, "m.yml line 1"};
  EXPECT_FALSE(adapt_marian_entry(other));
  EXPECT_EQ(other.value.texts, std::vector<std::string>{"char-s2s"});
}

TEST(MarianSettings, WhatAFormOfRecurrentModelsDoesNotGoWithIsNamed) {
  const auto message = [](const std::function<void(ModelOptions&)>& change) -> std::string {
    ModelOptions o{.type = "s2s", .dim_vocabs = {100, 100}, .enc_cell = "gru-nematus", .dec_cell = "gru-nematus"};
    change(o);
    try {
      check_model_options(o, "m.yml");
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  const auto marian = [](ModelOptions& o) {
    o.rnn_form = "marian";
    o.attention = "additive";
  };
  const auto nematus = [&](ModelOptions& o) {
    marian(o);
    o.rnn_form = "nematus";
    o.layer_normalization = true;
  };
  const auto both = [](auto first, auto second) {
    return [=](ModelOptions& o) {
      first(o);
      second(o);
    };
  };
  EXPECT_EQ(message([](auto&) {}), "no error");
  EXPECT_EQ(message(marian), "no error");
  EXPECT_EQ(message(nematus), "no error");
  EXPECT_EQ(message([](auto& o) { o.layer_normalization = true; }),
            "m.yml: enc-cell: gru-nematus with layer-normalization needs rnn-form: marian (or nematus, for a model of "
            "that type), found own");
  EXPECT_EQ(message([](auto& o) { o.enc_cell_depth = 2; }),
            "m.yml: enc-cell-depth: 2 needs rnn-form: marian, found own, which has 1");
  EXPECT_EQ(message([](auto& o) { o.dec_cell_base_depth = 1; }),
            "m.yml: dec-cell-base-depth: 1 needs rnn-form: marian, found own, which has 2");
  EXPECT_EQ(message(both(marian, [](auto& o) { o.dec_cell_high_depth = 0; })),
            "m.yml: dec-cell-high-depth: expected a positive number, found 0");
  EXPECT_EQ(message(both(marian, [](auto& o) { o.rnn_attention = "luong"; })),
            "m.yml: rnn-attention: rnn-form: marian needs bahdanau, found luong");
  EXPECT_EQ(message(both(marian, [](auto& o) { o.attention = "dot"; })),
            "m.yml: attention: rnn-form: marian needs additive, found dot");
  EXPECT_EQ(message(both(marian, [](auto& o) { o.rnn_attention_heads = 2; })),
            "m.yml: rnn-attention-heads: rnn-form: marian needs 1, found 2");
  EXPECT_EQ(message(both(nematus, [](auto& o) { o.dec_cell = "gru"; })),
            "m.yml: dec-cell: rnn-form: nematus needs gru-nematus, found gru");
  EXPECT_EQ(message(both(nematus, [](auto& o) { o.enc_type = "alternating"; })),
            "m.yml: enc-type: rnn-form: nematus needs bidirectional, found alternating");
  EXPECT_EQ(message(both(marian, [](auto& o) { o.dec_cell_high_depth = 2; })),
            "m.yml: dec-cell-high-depth: dec-cell: gru-nematus needs 1, found 2");
  EXPECT_THAT(message([](auto& o) { o.rnn_form = "other"; }), HasSubstr("expected own, marian or nematus"));
}

TEST(MarianSettings, UsualValuesPassSilentlyAndOthersSayWhy) {
  const auto accept = [](const char* name, const char* value) {
    return accept_marian_setting(*find_marian_setting(name), {name, {{value}, true}, "m.yml line 3"});
  };
  EXPECT_FALSE(accept("devices", "0"));
  EXPECT_THAT(accept("devices", "0 1 2 3").value(), HasSubstr("m.yml line 3: devices has no effect: "));
  EXPECT_FALSE(accept("precision", "float32 float32"));
  EXPECT_FALSE(accept("mini-batch-words-ref", "0.0"));
  EXPECT_FALSE(accept("data-weighting", ""));
  EXPECT_FALSE(accept("best-deep", "False"));
  EXPECT_TRUE(accept("char-stride", "7"));
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, const char*>>{{"transformer-no-projection", "true"},
                                                        {"data-weighting", "weights.gz"},
                                                        {"fp16", "true"},
                                                        {"precision", "float16 float32"},
                                                        {"transformer-tied-layers", "1 1"},
                                                        {"ulr", "true"},
                                                        {"best-deep", "true"},
                                                        {"transformer-ffn-depth", "3"},
                                                        {"mini-batch-warmup", "4000u"}}) {
    try {
      accept(name, value);
      ADD_FAILURE() << name << ": " << value << " was accepted";
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), HasSubstr(std::string("m.yml line 3: ") + name + ": '" + value + "' is not supported: "));
    }
  }
}

TEST(MarianSettings, TasksExpandToOurSettings) {
  for (const auto& task : task_names()) {
    TrainSettings settings;
    Fields fields = describe(settings);
    for (const auto& entry : expand_task(task, "here")) fields.set(entry.key, entry.value, entry.where);
    EXPECT_EQ(settings.model.dim_emb, task.starts_with("transformer-big") ? 1024 : 512);
    EXPECT_EQ(settings.model.transformer_preprocess, task.ends_with("prenorm") ? "n" : "");
    EXPECT_EQ(settings.model.transformer_postprocess, task.ends_with("prenorm") ? "da" : "dan");
    EXPECT_EQ(settings.training.exponential_smoothing, 1e-4);
  }
  EXPECT_THROW(expand_task("transformer-small", "here"), Error);
}

class ModelConfig : public ::testing::Test {
 protected:
  std::string path_ =
      (std::filesystem::temp_directory_path() / ("dragoman-config-" + std::to_string(::getpid()) + ".yml")).string();
  void TearDown() override { std::filesystem::remove(path_); }

  std::string error(const std::string& yaml) {
    write_atomically(path_, yaml);
    try {
      read_model_options(path_);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  }
};

TEST_F(ModelConfig, WrittenReadsBack) {
  ModelOptions options;
  options.dim_emb = 128;
  options.transformer_heads = 4;
  options.dim_vocabs = {8000, 8000};
  options.tied_embeddings_all = true;
  options.transformer_preprocess = "n";
  write_atomically(path_, model_options_yaml(options));
  EXPECT_EQ(model_options_yaml(read_model_options(path_)), model_options_yaml(options));
  EXPECT_EQ(read_model_options(path_).transformer_heads, 4);
  EXPECT_THAT(model_options_yaml(options), HasSubstr("enc-depth: 1\n")) << "defaults are written too";
}

TEST_F(ModelConfig, SettingsOfTrainingMayStandInIt) {
  EXPECT_EQ(error("dim-emb: 64\ntransformer-heads: 2\nlearn-rate: 0.1\nversion: v1.12.0\nulr: false\nrelative-paths: "
                  "true\nsource-language: en\n"),
            "no error");
}

TEST_F(ModelConfig, BadContentIsAnErrorThatNamesTheKey) {
  EXPECT_EQ(error("dim-emb: 64\ndim-enb: 64\n"),
            path_ + " line 2: there is no setting 'dim-enb'; did you mean 'dim-emb'?");
  EXPECT_THAT(error("dim-emb: 2000000000\n"), HasSubstr("dim-emb: expected a whole number from 1 to"));
  EXPECT_THAT(error("dim-emb: 10\ntransformer-heads: 3\n"), HasSubstr("cannot be divided by transformer-heads 3"));
  EXPECT_THAT(error("type: multi-s2s\n"), HasSubstr("type: expected transformer or s2s, found 'multi-s2s'"));
  EXPECT_THAT(error("dim-vocabs: [10, 20]\ntied-embeddings-all: true\n"), HasSubstr("one vocabulary"));
  EXPECT_THAT(error("dim-vocabs: [10]\n"), HasSubstr("dim-vocabs"));
  EXPECT_THAT(error("transformer-postprocess: dah\n"), HasSubstr("highway layers are not built"));
  EXPECT_THAT(error("transformer-decoder-autoreg: rnn\n"), HasSubstr("transformer-decoder-autoreg"));
}

}  // namespace
}  // namespace dragoman
