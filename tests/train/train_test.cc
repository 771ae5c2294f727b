// Whole training runs on a tiny corpus: what a user starts, interrupts and continues.

#include "train/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/files.h"
#include "base/random.h"
#include "dragoman/error.h"
#include "format/safetensors.h"
#include "text/vocabulary.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Train : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    write_corpus("train", 300, 1);
    write_corpus("valid", 20, 2);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Sentences of made-up words and their translation: each word mirrored, their order turned round.
  void write_corpus(const std::string& name, int lines, std::uint64_t seed) {
    Random random(seed);
    std::ofstream source(folder_ / (name + ".src")), target(folder_ / (name + ".trg"));
    const std::vector<std::string> words = {"ab", "cde", "fg", "hijk", "lm", "nop", "qr", "stu"};
    for (int i = 0; i < lines; ++i) {
      std::string from, to;
      for (std::uint64_t n = 2 + random.below(6); n > 0; --n) {
        const std::string& word = words[random.below(words.size())];
        from += (from.empty() ? "" : " ") + word;
        to = std::string(word.rbegin(), word.rend()) + (to.empty() ? "" : " ") + to;
      }
      source << from << "\n";
      target << to << "\n";
    }
  }

  TrainSettings settings(const std::string& model) {
    TrainSettings s;
    s.general.quiet = true;
    s.model_path = folder_ / model;
    s.data.train_sets = {folder_ / "train.src", folder_ / "train.trg"};
    s.data.vocabs = {folder_ / "joint.spm", folder_ / "joint.spm"};
    s.data.mini_batch_words = 200;
    s.data.maxi_batch = 3;
    s.data.seed = 7;
    s.model.dim_vocabs = {50, 50};
    s.model.dim_emb = 16;
    s.model.enc_depth = s.model.dec_depth = 1;
    s.model.transformer_heads = 2;
    s.model.transformer_dim_ffn = 24;
    s.model.tied_embeddings_all = true;
    s.dropout = {.transformer_dropout = 0.1, .transformer_dropout_attention = 0.1, .dropout_src = 0.1};
    s.training.cpu_threads = 2;
    s.training.learn_rate = 0.003;
    s.training.label_smoothing = 0.1;
    s.training.exponential_smoothing = 0.01;
    s.training.valid_sets = {folder_ / "valid.src", folder_ / "valid.trg"};
    s.training.valid_metrics = {"ce-mean-words", "bleu"};
    s.training.valid_freq = {10, Period::Unit::updates};
    s.training.save_freq = {1000, Period::Unit::updates};
    s.training.disp_freq = {5, Period::Unit::updates};
    s.training.overwrite = true;
    s.training.after_batches = 40;
    s.search.beam_size = 2;
    s.quiet_translation = true;
    return s;
  }

  static std::string parameters_of(const TrainSettings& s) { return read_file(s.model_path + "/model.safetensors"); }

  fs::path folder_ = fs::temp_directory_path() / ("dragoman-train-" + std::to_string(::getpid()));
};

/// Metrics without what a clock put into them.
std::string timeless(const std::string& metrics) {
  std::string jsonl, result;
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {  // starts and ends tell of interruptions
    if (!line.starts_with(R"({"type":"start")") && !line.starts_with(R"({"type":"end")")) jsonl += line + "\n";
  }
  bool skipping = false;
  for (std::size_t i = 0; i < jsonl.size(); ++i) {
    if (jsonl.compare(i, 10, "\"seconds\":") == 0 || jsonl.compare(i, 20, "\"tokens_per_second\":") == 0)
      skipping = true;
    if (jsonl[i] == ',' || jsonl[i] == '}') skipping = false;
    if (!skipping) result += jsonl[i];
  }
  return result;
}

TEST_F(Train, LearnsTheCorpus) {
  TrainSettings s = settings("model");
  s.training.after_batches = 400;
  s.training.exponential_smoothing = 0;
  s.training.valid_freq = {100, Period::Unit::updates};
  s.dropout = {};
  train(s);
  const std::string metrics = read_file(s.model_path + "/metrics.jsonl");
  const auto value = [&](const std::string& key, std::size_t from) {
    return std::stod(metrics.substr(metrics.find(key, from) + key.size()));
  };
  const double first = value("\"value\":", metrics.find("\"ce-mean-words\"")),
               last = value("\"value\":", metrics.rfind("\"ce-mean-words\""));
  EXPECT_LT(last, first * 0.7) << metrics;
  for (const char* file : {"config.yml", "vocabulary.spm", "model.safetensors", "training.safetensors"}) {
    EXPECT_TRUE(fs::exists(s.model_path + "/" + file)) << file;
  }
}

/// One word of the source for each of the target, in turned order, as pieces of one word each would be aligned.
std::string write_alignment(const TrainSettings& s, const fs::path& path) {
  const Vocabulary vocabulary = Vocabulary::load(s.data.vocabs[0]);
  std::ifstream sources(s.data.train_sets[0]), targets(s.data.train_sets[1]);
  std::ofstream links(path);
  for (std::string source, target; std::getline(sources, source) && std::getline(targets, target);) {
    const int n = int(vocabulary.encode(source).size()), m = int(vocabulary.encode(target).size());
    for (int t = 0; t < m; ++t) links << (t > 0 ? " " : "") << n - 1 - t * n / m << "-" << t;
    links << "\n";
  }
  return path;
}

struct LossSetting {
  const char* name;
  std::function<void(TrainingOptions&)> set;
  bool guided = false;
};
const std::vector<LossSetting> loss_settings = {
    {"mse", [](auto& o) { o.cross_entropy_weight = 0, o.mse_weight = 1; }},
    {"mse-embeddings", [](auto& o) { o.cross_entropy_weight = 0, o.mse_embeddings_weight = 1; }},
    {"attention", [](auto& o) { o.cross_entropy_weight = 0, o.attention_loss_weight = 1; }},
    {"combined", [](auto& o) { o.mse_weight = o.mse_embeddings_weight = o.attention_loss_weight = 0.5; }},
    {"r-drop", [](auto& o) { o.r_drop_weight = 1; }},
    {"guided-ce", [](auto& o) { o.guided_alignment_weight = 1; }, true},
    {"guided-mse", [](auto& o) { o.guided_alignment_weight = 1, o.guided_alignment_cost = "mse"; }, true},
    {"guided-mult", [](auto& o) { o.guided_alignment_weight = 1, o.guided_alignment_cost = "mult"; }, true},
};

TEST_F(Train, EveryLossFalls) {
  train(settings("first"));  // learns the vocabulary
  for (const LossSetting& loss : loss_settings) {
    TrainSettings s = settings(std::string("model-") + loss.name);
    loss.set(s.training);
    if (loss.guided) s.data.guided_alignment = write_alignment(s, folder_ / "align");
    s.training.after_batches = 300;
    s.training.exponential_smoothing = 0;
    s.training.valid_sets = {};
    s.training.disp_freq = {50, Period::Unit::updates};
    train(s);
    std::vector<double> costs;
    std::istringstream metrics(read_file(s.model_path + "/metrics.jsonl"));
    for (std::string line; std::getline(metrics, line);) {
      const std::string key = "\"loss\":";
      if (const auto at = line.find(key); at != std::string::npos)
        costs.push_back(std::stod(line.substr(at + key.size())));
    }
    ASSERT_EQ(costs.size(), 6u) << loss.name;
    EXPECT_LT(costs.back(), 0.9 * costs.front()) << loss.name;
  }
}

TEST_F(Train, TheSameSeedGivesTheSameBitsAndAnotherSeedOthers) {
  const TrainSettings a = settings("a"), b = settings("b");
  TrainSettings c = settings("c");
  c.data.seed = 8;
  for (const TrainSettings& s : {a, b, c}) train(s);
  EXPECT_EQ(parameters_of(a), parameters_of(b));
  EXPECT_NE(parameters_of(a), parameters_of(c));
}

/// Stops after each of some updates and goes on; the end must be that of a run in one go.
void expect_resumable(TrainSettings whole, TrainSettings parts) {
  train(whole);
  for (const int stop : {1, 7, 13, 20, 31, 40}) {
    parts.training.after_batches = stop;
    train(parts);
  }
  EXPECT_EQ(read_file(whole.model_path + "/model.safetensors"), read_file(parts.model_path + "/model.safetensors"));
  const Safetensors a = Safetensors::open(whole.model_path + "/training.safetensors"),
                    b = Safetensors::open(parts.model_path + "/training.safetensors");
  for (const StoredTensor& tensor : a.tensors()) {
    EXPECT_EQ(a.floats(tensor.name), b.floats(tensor.name)) << tensor.name;
  }
}

TEST_F(Train, AResumedRunGivesTheSameBits) { expect_resumable(settings("whole"), settings("parts")); }

TEST_F(Train, AResumedRunGivesTheSameBitsForEveryKindOfState) {
  int number = 0;
  train(settings("first"));  // learns the vocabulary
  const std::string alignment = write_alignment(settings("first"), folder_ / "align");
  const std::vector<std::function<void(TrainSettings&)>> kinds = {
      [&](TrainSettings& s) {
        s.data.guided_alignment = alignment, s.training.attention_loss_weight = 0.5, s.training.mse_weight = 1,
        s.training.r_drop_weight = 2;
      },
      [](TrainSettings& s) {
        s.vocabulary.sentencepiece_alphas = {0.3, 0.3};
      },
      [](TrainSettings& s) { s.training.optimizer_delay = 3; },
      [](TrainSettings& s) { s.training.optimizer = "sgd", s.training.optimizer_params = {0.9}; },
      [](TrainSettings& s) { s.training.optimizer = "adamw", s.training.weight_decay = 0.01; },
      [](TrainSettings& s) {
        s.training.lr_decay = 0.5, s.training.lr_decay_strategy = "stalled", s.training.lr_decay_start = {1},
        s.training.valid_freq = {3, Period::Unit::updates};
      },
      [](TrainSettings& s) { s.data.shuffle = "none", s.data.maxi_batch_sort = "none"; },
      [](TrainSettings& s) { s.data.shuffle = "batches", s.training.cpu_threads = 1; },
      [](TrainSettings& s) {
        s.training.exponential_smoothing = 0, s.data.mini_batch_words = 0, s.data.mini_batch = 17;
      },
      [](TrainSettings& s) {
        s.model.transformer_preprocess = "n", s.model.transformer_postprocess = "da",
        s.model.transformer_train_position_embeddings = true;
      },
  };
  for (const auto& change : kinds) {
    SCOPED_TRACE(number);
    TrainSettings whole = settings("whole" + std::to_string(number)),
                  parts = settings("parts" + std::to_string(number));
    change(whole);
    change(parts);
    expect_resumable(whole, parts);
    ++number;
  }
}

TEST_F(Train, MetricsOfAResumedRunReadAsIfItHadNotStopped) {
  TrainSettings whole = settings("whole"), parts = settings("parts");
  whole.training.save_freq = parts.training.save_freq = {10, Period::Unit::updates};
  whole.training.valid_freq = parts.training.valid_freq = {15, Period::Unit::updates};
  train(whole);
  const pid_t child = ::fork();
  if (child == 0) {  // a run that dies with work done after its last checkpoint
    TrainSettings dying = parts;
    dying.training.valid_script_path = "/bin/false";
    try {
      dying.training.valid_metrics = {"ce-mean-words", "bleu", "valid-script"};
      train(dying);
    } catch (const Error&) {
      ::_exit(3);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(WEXITSTATUS(status), 3);
  train(parts);
  EXPECT_EQ(parameters_of(whole), parameters_of(parts));
  EXPECT_EQ(timeless(read_file(whole.model_path + "/metrics.jsonl")),
            timeless(read_file(parts.model_path + "/metrics.jsonl")));
}

TEST_F(Train, RecordsSamplesAtEachValidationAndWhenItBeganAndEnded) {
  TrainSettings s = settings("model");
  s.training.valid_metrics = {"ce-mean-words"};  // which needs no translations
  s.training.valid_samples = 3;
  train(s);
  s.training.after_batches = 50;
  train(s);
  train(s);  // nothing to do
  std::vector<std::string> story;
  std::istringstream lines(read_file(s.model_path + "/metrics.jsonl"));
  for (std::string text; std::getline(lines, text);) {
    const auto line = nlohmann::json::parse(text);
    const std::string update = std::to_string(int(line["update"]));
    if (line["type"] == "start") {
      story.push_back("start " + update);
      EXPECT_EQ(line["settings"]["mini-batch-words"], "200");
      EXPECT_THAT(std::string(line["time"]), ::testing::MatchesRegex("20..-..-..T..:..:..Z"));
    }
    if (line["type"] == "end") story.push_back("end " + update + " " + std::string(line["reason"]));
    if (line["type"] == "sample") {
      story.push_back("sample " + update + " " + std::to_string(int(line["line"])));
      EXPECT_FALSE(std::string(line["source"]).empty());
      EXPECT_FALSE(std::string(line["reference"]).empty());
    }
  }
  std::vector<std::string> expected = {"start 0"};
  const auto validation = [&](const std::string& update) {
    for (const int line : {1, 7, 14}) expected.push_back("sample " + update + " " + std::to_string(line));
  };
  for (const char* update : {"10", "20", "30", "40"}) validation(update);
  expected.insert(expected.end(), {"end 40 finished", "start 40"});
  validation("50");
  expected.push_back("end 50 finished");
  EXPECT_EQ(story, expected);
}

TEST_F(Train, ASampleIsWhatTheWholeSetTranslatesTo) {
  TrainSettings some = settings("some"), all = settings("all");
  some.training.valid_metrics = {"ce-mean-words"};
  all.training.valid_metrics = {"bleu"};
  const auto samples = [](const TrainSettings& s) {
    train(s);
    std::string result;
    std::istringstream lines(read_file(s.model_path + "/metrics.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(R"({"type":"sample")")) result += timeless(line);
    }
    return result;
  };
  const std::string found = samples(some);
  EXPECT_FALSE(found.empty());
  EXPECT_EQ(found, samples(all));
}

TEST_F(Train, AKilledRunContinuesToTheSameBits) {
  TrainSettings whole = settings("whole"), killed = settings("killed");
  whole.training.save_freq = killed.training.save_freq = {1, Period::Unit::updates};
  whole.training.valid_sets.clear();
  killed.training.valid_sets.clear();
  train(whole);
  for (const int milliseconds : {80, 150, 220, 300}) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        train(killed);
      } catch (...) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    ::usleep(unsigned(milliseconds) * 1000);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
  }
  train(killed);
  EXPECT_EQ(parameters_of(whole), parameters_of(killed));
}

TEST_F(Train, ASignalSavesAndTheRunGoesOn) {
  TrainSettings whole = settings("whole"), stopped = settings("stopped");
  train(whole);
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 1;
    try {
      TrainSettings endless = stopped;
      endless.training.valid_freq = {};
      std::thread([] { ::usleep(150000), ::kill(::getpid(), SIGTERM); }).detach();
      code = train(endless).signal;
    } catch (...) {
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_THAT(WEXITSTATUS(status), ::testing::AnyOf(SIGTERM, 0));
  EXPECT_TRUE(fs::exists(stopped.model_path + "/training.safetensors"));
  train(stopped);
  EXPECT_EQ(parameters_of(whole), parameters_of(stopped));
}

TEST_F(Train, AveragesAndKeepsTheNewestCheckpoints) {
  TrainSettings s = settings("model");
  s.training.overwrite = false;
  s.training.exponential_smoothing = 0;
  s.training.save_freq = {5, Period::Unit::updates};
  s.training.keep_checkpoints = 3;
  s.training.average_checkpoints = 3;
  s.training.keep_best = true;
  train(s);
  EXPECT_TRUE(fs::exists(s.model_path + "/model.best-bleu.safetensors"));
  EXPECT_FALSE(fs::exists(s.model_path + "/model.iter25.safetensors"));
  std::vector<double> sum;
  for (const int updates : {30, 35, 40}) {
    const Safetensors file = Safetensors::open(s.model_path + "/model.iter" + std::to_string(updates) + ".safetensors");
    const auto values = file.floats("embedding.weight");
    sum.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) sum[i] += double(values[i]) / 3;
  }
  const auto average = Safetensors::open(s.model_path + "/model.safetensors").floats("embedding.weight");
  for (std::size_t i = 0; i < sum.size(); ++i) ASSERT_NEAR(average[i], sum[i], 1e-6);
}

TEST_F(Train, StopsEarlyWhenNothingImproves) {
  TrainSettings s = settings("model");
  s.training.valid_log = folder_ / "valid.log";
  s.training.learn_rate = 1e-12;
  s.training.valid_freq = {2, Period::Unit::updates};
  s.training.early_stopping = 2;
  s.training.after_batches = 1000;
  train(s);
  const auto facts = Safetensors::open(s.model_path + "/training.safetensors").metadata();
  EXPECT_LT(std::stoi(facts.at("optimizer-updates")), 1000);
  EXPECT_THAT(read_file(s.training.valid_log), HasSubstr("ce-mean-words : "));
  EXPECT_THAT(read_file(s.training.valid_log), HasSubstr("stalled 2 times"));
}

TEST_F(Train, WrongSettingsAreErrorsThatNameThem) {
  const auto message = [&](const std::function<void(TrainSettings&)>& change) -> std::string {
    TrainSettings s = settings("model");
    change(s);
    try {
      train(s);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  EXPECT_THAT(message([](auto& s) { s.training.valid_metrics = {"blue"}; }), HasSubstr("valid-metrics"));
  EXPECT_THAT(message([](auto& s) { s.model.transformer_heads = 3; }), HasSubstr("transformer-heads"));
  EXPECT_THAT(message([](auto& s) { s.training.optimizer = "adm"; }), HasSubstr("optimizer"));
  EXPECT_THAT(message([](auto& s) { s.training.mse_weight = -1; }),
              HasSubstr("mse-weight: expected 0 or more, found -1"));
  EXPECT_THAT(message([](auto& s) { s.training.cross_entropy_weight = 0; }),
              HasSubstr("cross-entropy-weight 0: nothing would train the output layer"));
  EXPECT_THAT(message([](auto& s) { s.training.guided_alignment_cost = "cosine"; }),
              HasSubstr("guided-alignment-cost: expected ce, mse or mult, found 'cosine'"));
  EXPECT_THAT(message([](auto& s) {
                s.training.attention_loss_weight = 1;
                s.model.transformer_guided_alignment_layer = "2";
              }),
              HasSubstr("transformer-guided-alignment-layer: expected last or a decoder layer from 1 to 1, found '2'"));
  EXPECT_THAT(message([](auto& s) { s.data.guided_alignment = "no.such.file"; }), HasSubstr("no.such.file"));
  EXPECT_THAT(message([](auto& s) { s.data.train_sets[0] += ".none"; }), HasSubstr("train.src.none"));
  EXPECT_THAT(message([](auto& s) { s.training.valid_sets[1] += ".none"; }), HasSubstr("valid.trg.none"));
  EXPECT_THAT(message([](auto& s) {
                s.model.dim_vocabs = {10, 10};
                s.data.vocabs.clear();
              }),
              HasSubstr("dim-vocabs"));
}

TEST_F(Train, AContinuedRunWithAnotherModelIsAnError) {
  TrainSettings s = settings("model");
  s.training.after_batches = 2;
  train(s);
  s.model.enc_depth = 2;
  try {
    train(s);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("other model settings"));
  }
  s.training.no_reload = true;
  train(s);
}

TEST_F(Train, ACorruptedTrainingStateIsAnErrorThatNamesTheFile) {
  TrainSettings s = settings("model");
  s.training.after_batches = 2;
  train(s);
  const std::string path = s.model_path + "/training.safetensors", content = read_file(path);
  for (const std::size_t size : {std::size_t(0), std::size_t(5), content.size() / 2, content.size() - 1}) {
    write_atomically(path, std::string_view(content).substr(0, size));
    try {
      train(s);
      FAIL() << size;
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), HasSubstr(path));
    }
  }
}

TEST_F(Train, StartsFromThePretrainedModel) {
  TrainSettings first = settings("first");
  train(first);
  TrainSettings second = settings("second");
  second.training.pretrained_model = first.model_path;
  second.training.after_batches = 1;
  second.training.learn_rate = 1e-9;
  second.training.exponential_smoothing = 0;
  train(second);
  const auto a = Safetensors::open(first.model_path + "/model.safetensors").floats("embedding.weight"),
             b = Safetensors::open(second.model_path + "/model.safetensors").floats("embedding.weight");
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-6);
}

}  // namespace
}  // namespace dragoman
