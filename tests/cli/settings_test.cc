#include "cli/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "cli/command_line.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Args = std::vector<std::string>;

template <class Parse>
std::string error_of(Parse parse, const Args& args) {
  std::ostringstream out;
  try {
    parse(args, out);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

std::string train_error(Args args) {
  args.insert(args.begin(), {"-t", "a.en", "a.de"});
  return error_of(parse_train, args);
}

TEST(TrainSettingsTest, WhatFollowsFromOthersIsFilledIn) {
  std::ostringstream out;
  const auto s =
      parse_train({"-t", "a.en", "a.de", "-m", "runs/en-de.npz", "--max-length", "80", "--dim-vocabs", "8000"}, out)
          .settings;
  EXPECT_EQ(s.model_path, "runs/en-de");
  EXPECT_THAT(s.data.vocabs, ElementsAre("runs/en-de/vocabulary.spm", "runs/en-de/vocabulary.spm"));
  EXPECT_EQ(s.training.metrics_file, "runs/en-de/metrics.jsonl");
  EXPECT_EQ(s.data.max_length, 80);
  EXPECT_EQ(s.model.max_length, 80);
  EXPECT_THAT(s.model.dim_vocabs, ElementsAre(8000, 8000));
}

TEST(TrainSettingsTest, StandardInputIsTsv) {
  std::ostringstream out;
  EXPECT_TRUE(parse_train({"-t", "stdin"}, out).settings.data.tsv);
  EXPECT_TRUE(parse_train({"-t", "-"}, out).settings.data.tsv);
  EXPECT_THAT(parse_train({"--tsv"}, out).settings.data.train_sets, ElementsAre("stdin"));
}

TEST(TrainSettingsTest, ContradictionsAreErrors) {
  std::ostringstream out;
  EXPECT_THROW(parse_train({}, out), UsageError);
  EXPECT_THROW(parse_translate({}, out), UsageError);
  EXPECT_THAT(error_of(parse_train, {}), HasSubstr("train-sets: expected a source and a target file, found none"));
  EXPECT_THAT(error_of(parse_train, {"-t", "a"}), HasSubstr("train-sets: expected a source and a target file"));
  EXPECT_THAT(error_of(parse_train, {"-t", "a", "stdin"}), HasSubstr("standard input"));
  EXPECT_THAT(train_error({"--tsv"}), HasSubstr("expected one file of tab-separated columns"));
  EXPECT_THAT(train_error({"--tsv-fields", "1"}), HasSubstr("tsv-fields"));
  EXPECT_THAT(train_error({"-v", "a.spm"}), HasSubstr("vocabs: expected two"));
  EXPECT_THAT(train_error({"--transformer-heads", "7"}),
              HasSubstr("dim-emb 512 cannot be divided by transformer-heads 7"));
  EXPECT_THAT(train_error({"-v", "a.spm", "b.spm", "--tied-embeddings-all"}),
              HasSubstr("needs one vocabulary for both sides"));
  EXPECT_THAT(train_error({"--dim-vocabs", "1", "2", "3"}), HasSubstr("dim-vocabs: expected two sizes"));
  EXPECT_THAT(train_error({"--lr-decay-inv-sqrt", "1", "2", "3"}), HasSubstr("lr-decay-inv-sqrt: expected one or two"));
  EXPECT_THAT(train_error({"--lr-decay-inv-sqrt", "1u", "2e"}), HasSubstr("same unit"));
  EXPECT_THAT(train_error({"--lr-decay", "0.5", "--lr-decay-strategy", "epoch"}),
              HasSubstr("lr-decay-start: expected one number"));
  EXPECT_THAT(train_error({"--lr-decay", "0.5", "--lr-decay-start", "1"}),
              HasSubstr("lr-decay-start: expected two numbers"));
  EXPECT_THAT(train_error({"--lr-schedule", "linear"}), HasSubstr("say when that is"));
  EXPECT_EQ(train_error({"--lr-schedule", "linear", "--after", "10e"}), "no error");
  EXPECT_THAT(train_error({"--optimizer-params", "1", "1", "1", "1"}), HasSubstr("optimizer-params"));
  EXPECT_THAT(train_error({"--optimizer-params", "1.5"}), HasSubstr("expected beta1 below 1"));
  EXPECT_THAT(train_error({"--optimizer-delay", "0"}), HasSubstr("optimizer-delay"));
  EXPECT_THAT(train_error({"--valid-sets", "v"}), HasSubstr("valid-sets: expected two files"));
  EXPECT_THAT(train_error({"--valid-sets", "v", "w", "--valid-metrics", "valid-script"}),
              HasSubstr("valid-script-path"));
  EXPECT_THAT(train_error({"--valid-metrics", "blue"}), HasSubstr("did you mean 'bleu'?"));
  EXPECT_THAT(train_error({"--sentencepiece-alphas", "0.1", "0.1", "0.1"}), HasSubstr("sentencepiece-alphas"));
  EXPECT_THAT(train_error({"--label-smoothing", "1.5"}), HasSubstr("a number from 0 to 1, found '1.5'"));
}

TEST(TranslateSettingsTest, AreRead) {
  std::ostringstream out;
  const std::string folder = testing::TempDir() + "/dragoman-settings-model";
  std::filesystem::create_directories(folder);
  const auto s = parse_translate({"-m", folder + ".npz", "nowhere.npz", "-b", "5", "-n", "--output-sampling", "topk",
                                  "10", "0.7", "--weights", "1", "2", "-i", "x.gz", "-o", "y"},
                                 out)
                     .settings;
  EXPECT_THAT(s.models, ElementsAre(folder, "nowhere.npz"));
  EXPECT_EQ(s.search.beam_size, 5);
  EXPECT_EQ(s.search.normalize, 1);
  EXPECT_THAT(s.search.output_sampling, ElementsAre("topk", "10", "0.7"));
  EXPECT_THAT(s.input, ElementsAre("x.gz"));
  EXPECT_EQ(s.output, "y");
  const auto defaults = parse_translate({"-m", "a"}, out).settings;
  EXPECT_THAT(defaults.input, ElementsAre("stdin"));
  EXPECT_EQ(defaults.search.beam_size, 12);
}

TEST(TranslateSettingsTest, MarianDecoderConfigurationsRun) {
  std::ostringstream out;
  // Model settings stand in such files too, and the model's own win.
  const auto s =
      parse_translate({"-m", "a", "--set", "type=amun", "dim-emb=100", "mini-batch=1", "maxi-batch-sort=none",
                       "shortlist=[]", "gemm-type=float32", "fp16=false", "devices=0"},
                      out);
  EXPECT_EQ(s.settings.batching.mini_batch, 1);
  EXPECT_TRUE(s.notes.empty());
}

TEST(TranslateSettingsTest, ContradictionsAreErrors) {
  EXPECT_THAT(error_of(parse_translate, {}), HasSubstr("models: expected at least one"));
  EXPECT_THAT(error_of(parse_translate, {"-m", "a", "-i", "x", "y"}), HasSubstr("input: expected one file, found 2"));
  EXPECT_THAT(error_of(parse_translate, {"-m", "a", "--force-decode"}), HasSubstr("a file of prefixes"));
  EXPECT_EQ(error_of(parse_translate, {"-m", "a", "--force-decode", "--tsv"}), "no error");
  EXPECT_THAT(error_of(parse_translate, {"-m", "a", "--force-decode", "-i", "-", "stdin"}),
              HasSubstr("cannot be both"));
  EXPECT_THAT(error_of(parse_translate, {"-m", "a", "--weights", "1", "2"}),
              HasSubstr("weights: expected one for each of 1"));
  EXPECT_THAT(error_of(parse_translate, {"-m", "a", "--alignment", "often"}),
              HasSubstr("alignment: expected soft, hard, or a threshold above 0 and up to 1, found 'often'"));
  EXPECT_THAT(error_of(parse_translate, {"-m", "a", "--shortlist", "lex.s2t", "50", "50", "0", "1"}),
              HasSubstr("shortlist: expected a file and at most three numbers, found 5"));
  EXPECT_THAT(error_of(parse_translate, {"-m", "a", "--maxi-batch-sort", "trg"}), HasSubstr("expected none or src"));
  EXPECT_THAT(error_of(parse_translate, {"-m", "a", "--min-decoding-length", "9", "--max-decoding-length", "5"}),
              HasSubstr("min-decoding-length 9 is above"));
  for (const char* bad : {"top", "topk 0", "topk 1.5", "nucleus 2", "nucleus x", "full 0", "full 1 2", "epsilon 0.1 -1",
                          "topk 1 1 1", "full nan"}) {
    EXPECT_THAT(error_of(parse_translate, {"-m", "a", "--set", std::string("output-sampling=") + bad}),
                HasSubstr("output-sampling"))
        << bad;
  }
  for (const char* good : {"true", "full", "full 0.5", "topk 5", "topk 5 0.5", "nucleus 0.9", "epsilon 0.01 2"}) {
    EXPECT_EQ(error_of(parse_translate, {"-m", "a", "--set", std::string("output-sampling=") + good}), "no error")
        << good;
  }
}

TEST(ScoreSettingsTest, AreReadAndChecked) {
  std::ostringstream out;
  EXPECT_EQ(parse_score({"-m", "a", "-t", "x", "y", "--summary"}, out).settings.summary, "cross-entropy");
  EXPECT_EQ(parse_score({"-t", "x", "y", "--summary", "perplexity"}, out).settings.summary, "perplexity");
  EXPECT_TRUE(parse_score({"-t", "x", "y", "-n"}, out).settings.normalize);
  EXPECT_THAT(error_of(parse_score, {"-t", "x", "y", "--summary", "bleu"}), HasSubstr("summary: expected"));
  EXPECT_THAT(error_of(parse_score, {}), HasSubstr("train-sets"));
}

TEST(VocabSettingsTest, OptionsAndFilesMayStandInAnyOrder) {
  std::ostringstream out;
  const auto s = parse_vocab({"a.en", "--size", "500", "--type", "bpe", "b.de", "-o", "v.spm", "--user-defined-symbols",
                              "<a>,<b>", "c", "--quiet", "d", "--", "--e"},
                             out)
                     .settings;
  EXPECT_THAT(s.inputs, ElementsAre("a.en", "b.de", "c", "d", "--e"));
  EXPECT_EQ(s.size, 500);
  EXPECT_EQ(s.vocabulary.sentencepiece_type, "bpe");
  EXPECT_EQ(s.output, "v.spm");
  EXPECT_TRUE(s.general.quiet);
  EXPECT_THAT(s.vocabulary.user_defined_symbols, ElementsAre("<a>", "<b>"));
  EXPECT_THROW(parse_vocab({}, out), UsageError);
  EXPECT_THROW(parse_vocab({"a", "--size", "-5"}, out), UsageError);
  EXPECT_THROW(parse_vocab({"a", "--typo", "bpe"}, out), UsageError);
}

TEST(ReportSettingsTest, TakeRunsAndTheirNames) {
  std::ostringstream out;
  const auto s = parse_report({"a", "b", "--names", " first run,second ,", "c", "-o", "x.html"}, out).settings;
  EXPECT_EQ(s.runs, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(s.names, (std::vector<std::string>{"first run", "second", ""}));
  EXPECT_EQ(s.output, "x.html");
  EXPECT_EQ(parse_report({"a"}, out).settings.output, "report.html");
  EXPECT_THROW(parse_report({}, out), UsageError);
  EXPECT_THROW(parse_report({"a", "--names", "b,c"}, out), UsageError);
}

TEST(InfoSettingsTest, NeedOneModelAtMost) {
  std::ostringstream out;
  EXPECT_EQ(parse_info({"--tensors", "model"}, out).settings.model_path, "model");
  EXPECT_EQ(parse_info({}, out).settings.model_path, "");
  EXPECT_THROW(parse_info({"--tensors"}, out), UsageError);
  EXPECT_THROW(parse_info({"a", "b"}, out), UsageError);
  EXPECT_THROW(parse_info({"a", "--config", "b"}, out), UsageError);
}

TEST(QuantizeSettings, AreThoseOfAConversionToOurFormat) {
  std::ostringstream out;
  const auto s = parse_quantize({"-m", "a", "-o", "b", "--calibration", "text"}, out).settings;
  EXPECT_EQ(s.model, "a");
  EXPECT_EQ(s.output, "b");
  EXPECT_EQ(s.to, "safetensors");
  EXPECT_EQ(s.quantize, "int8");
  EXPECT_EQ(s.calibration, "text");
  EXPECT_EQ(parse_quantize({"-m", "a", "-o", "b", "--type", "bfloat16"}, out).settings.quantize, "bfloat16");
  EXPECT_THAT(error_of(parse_quantize, {"-m", "a"}), HasSubstr("quantize: expected a directory to write (-o)"));
  EXPECT_THAT(error_of(parse_quantize, {"-o", "b"}), HasSubstr("quantize: expected a model (-m)"));
  EXPECT_THAT(error_of(parse_quantize, {"-m", "a", "-o", "b", "--type", "int16"}),
              HasSubstr("int8, bfloat16 or float16"));
  EXPECT_TRUE(parse_quantize({"--help"}, out).is_done);
  EXPECT_THAT(out.str(), HasSubstr("dynamic, the default"));
}

}  // namespace
}  // namespace dragoman
