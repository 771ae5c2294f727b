// A configuration as Marian writes it next to a model, with all of its settings, runs here unchanged.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/fields.h"
#include "base/files.h"
#include "cli/command_line.h"
#include "cli/settings.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string marian_config(const std::string& name) { return std::string(DRAGOMAN_SOURCE_DIR) + "/tests/cli/" + name; }

TEST(MarianConfig, AFullTrainingConfigurationRunsUnchanged) {
  std::ostringstream out;
  const auto parsed = parse_train({"-c", marian_config("marian_train.yml")}, out);
  const TrainSettings& s = parsed.settings;
  EXPECT_EQ(s.model_path, "model/model");
  EXPECT_EQ(s.model.enc_depth, 6);
  EXPECT_TRUE(s.model.tied_embeddings_all);
  EXPECT_THAT(s.model.dim_vocabs, ElementsAre(32000, 32000));
  EXPECT_EQ(s.model.transformer_ffn_activation, "relu");
  EXPECT_EQ(s.dropout.transformer_dropout, 0.1);
  EXPECT_THAT(s.data.train_sets, ElementsAre("corpus.bpe.en", "corpus.bpe.de"));
  EXPECT_TRUE(s.data.mini_batch_fit);
  EXPECT_EQ(s.training.lr_warmup, (Period{16000, Period::Unit::updates}));
  EXPECT_THAT(s.training.lr_decay_inv_sqrt, ElementsAre("16000"));
  EXPECT_THAT(s.training.optimizer_params, ElementsAre(0.9, 0.98, 1e-9));
  EXPECT_EQ(s.training.exponential_smoothing, 1e-4);
  EXPECT_THAT(s.training.valid_metrics, ElementsAre("ce-mean-words", "perplexity", "bleu"));
  EXPECT_EQ(s.search.beam_size, 12);
  EXPECT_EQ(s.training.logical_epoch, (Period{1, Period::Unit::epochs}));
  EXPECT_EQ(s.data.shuffle, "data");
  EXPECT_EQ(s.data.guided_alignment, "") << "Marian says none";
  EXPECT_EQ(s.training.guided_alignment_weight, 0.1);
  for (const auto& note : parsed.notes)
    EXPECT_THAT(note, HasSubstr("devices")) << "the only unusual setting without effect";
}

TEST(MarianConfig, TheUsualOptionsOfATransformerRunUnchanged) {
  std::ostringstream out;
  const auto parsed = parse_train(
      split_words(
          "--model model/model.npz --type transformer --train-sets corpus.en corpus.de --max-length 100 --vocabs v.spm "
          "v.spm "
          "--mini-batch-fit -w 10000 --maxi-batch 1000 --early-stopping 10 --cost-type=ce-mean-words --valid-freq 5000 "
          "--save-freq 5000 --disp-freq 500 --valid-metrics ce-mean-words perplexity translation --valid-sets v.en "
          "v.de "
          "--valid-script-path ./validate.sh --valid-translation-output v.output --quiet-translation "
          "--valid-mini-batch 64 --beam-size 6 --normalize 0.6 --log train.log --valid-log valid.log --enc-depth 6 "
          "--dec-depth 6 --transformer-heads 8 --transformer-postprocess-emb d --transformer-postprocess dan "
          "--transformer-dropout 0.1 --label-smoothing 0.1 --learn-rate 0.0003 --lr-warmup 16000 "
          "--lr-decay-inv-sqrt 16000 --lr-report --optimizer-params 0.9 0.98 1e-09 --clip-norm 5 "
          "--tied-embeddings-all --devices 0 1 --sync-sgd --seed 1111 --exponential-smoothing --sqlite --no-nccl"),
      out);
  EXPECT_EQ(parsed.settings.search.normalize, 0.6);
  EXPECT_EQ(parsed.settings.training.exponential_smoothing, 1e-4);
  EXPECT_EQ(parsed.settings.data.seed, 1111u);
  EXPECT_THAT(parsed.notes, ElementsAre(HasSubstr("devices has no effect"), HasSubstr("sqlite"), HasSubstr("no-nccl")));
}

TEST(MarianConfig, WhatCannotBeHonouredIsAnErrorThatNamesIt) {
  const std::string config = read_file(marian_config("marian_train.yml"));
  const auto path = std::filesystem::temp_directory_path() / "dragoman-marian.yml";
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"type: transformer\n", "type: multi-s2s\n"},
           {"guided-alignment-cost: ce\n", "guided-alignment-cost: cosine\n"},
           {"transformer-decoder-autoreg: self-attention\n", "transformer-decoder-autoreg: average\n"},
           {"ulr: false\n", "ulr: true\n"},
           {"fp16: false\n", "fp16: true\n"},
           {"mini-batch-words-ref: 0\n", "mini-batch-words-ref: 1000\n"}}) {
    std::string changed = config;
    const auto place = changed.find("\n" + from);
    ASSERT_NE(place, std::string::npos) << from;
    changed.replace(place + 1, from.size(), to);
    write_atomically(path.string(), changed);
    std::ostringstream out;
    try {
      parse_train({"-c", path.string()}, out);
      ADD_FAILURE() << to << " was accepted";
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), HasSubstr(path.string() + " line "));
      EXPECT_THAT(e.what(), HasSubstr(to.substr(0, to.find(':') + 1)));
    }
  }
  std::filesystem::remove(path);
}

TEST(MarianConfig, ANematusModelIsARecurrentOne) {
  std::ostringstream out;
  const std::string usual =
      "--model model/model.npz --type nematus --train-sets corpus.en corpus.de --enc-type bidirectional --enc-cell "
      "gru-nematus --enc-cell-depth 1 --dec-cell gru-nematus --dec-cell-base-depth 2 --dec-cell-high-depth 1 --dim-rnn "
      "64";
  const auto parsed = parse_train(split_words(usual), out);
  EXPECT_EQ(parsed.settings.model.type, "s2s");
  EXPECT_EQ(parsed.settings.model.rnn_attention, "bahdanau");
  EXPECT_THAT(parsed.notes, ElementsAre(HasSubstr("type: nematus is type: s2s under another name")));
  for (const auto& [more, text] : std::vector<std::pair<std::string, std::string>>{
           {"--layer-normalization", "gru-nematus with layer-normalization needs rnn-form: marian"},
           {"--dec-cell-base-depth 4", "dec-cell-base-depth: 4 needs rnn-form: marian"},
           {"--enc-cell-depth 2", "enc-cell-depth: 2 needs rnn-form: marian"}}) {
    std::vector<std::string> arguments = split_words(usual + " " + more);
    const auto first = std::find(arguments.begin(), arguments.end(), split_words(more)[0]);
    if (first + 2 < arguments.end()) arguments.erase(first, first + 2);  // given twice
    try {
      parse_train(arguments, out);
      ADD_FAILURE() << more << " was accepted";
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), HasSubstr(text));
    }
  }
}

TEST(MarianConfig, ADecoderConfigurationRunsUnchanged) {
  std::ostringstream out;
  const auto parsed = parse_translate({"-c", marian_config("marian_decoder.yml")}, out);
  EXPECT_THAT(parsed.settings.models, ElementsAre(marian_config("model.npz")));
  EXPECT_EQ(parsed.settings.search.normalize, 1);
  EXPECT_EQ(parsed.settings.batching.mini_batch, 1);
  EXPECT_TRUE(parsed.notes.empty());
}

TEST(Configs, EveryOneOfTheProjectLoads) {
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(DRAGOMAN_SOURCE_DIR) + "/configs")) {
    if (entry.path().extension() != ".yml") continue;
    ++found;
    std::ostringstream out;
    const std::string text = read_file(entry.path().string());
    std::vector<std::string> arguments = {"-c", entry.path().string()};
    if (text.find("train-sets:") == std::string::npos) {  // a script gives the corpus
      arguments.insert(arguments.end(), {"--train-sets", "a", "b"});
    }
    const auto parsed = parse_train(arguments, out);
    EXPECT_TRUE(parsed.notes.empty()) << entry.path() << ": " << parsed.notes[0];
    EXPECT_TRUE(read_file(entry.path().string()).starts_with("# ")) << entry.path() << " must say what it is for";
    EXPECT_THAT(text, ::testing::AnyOf(HasSubstr("dragoman train -c configs/" + entry.path().filename().string()),
                                       HasSubstr("tools/" + entry.path().stem().string())));
  }
  EXPECT_GE(found, 4);
}

}  // namespace
}  // namespace dragoman
