#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "base/files.h"
#include "cli/settings.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

namespace fs = std::filesystem;
using Args = std::vector<std::string>;

class CommandLine : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("dragoman-cli-" + std::to_string(::getpid()));
  std::ostringstream out_;

  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& content) {
    write_atomically((folder_ / name).string(), content);
    return (folder_ / name).string();
  }

  Parsed<TrainSettings> train(Args args) {
    args.insert(args.begin(), {"-t", "a.en", "a.de"});
    return parse_train(args, out_);
  }

  template <class E>
  std::string train_error(const Args& args) {
    try {
      train(args);
    } catch (const E& e) {
      if (typeid(e) == typeid(E)) return e.what();
      return std::string("another kind of error: ") + e.what();
    }
    return "no error";
  }
};

TEST_F(CommandLine, LaterSourcesOverrideEarlierOnes) {
  const std::string a = file("a.yml", "dim-emb: 64\nenc-depth: 2\ndec-depth: 2\nbeam-size: 3\n");
  const std::string b = file("b.yml", "enc-depth: 3\ndec-depth: 3\n");
  const auto s = train({"--dec-depth", "4", "-c", a, b, "--set", "beam-size=5"}).settings;
  EXPECT_EQ(s.model.transformer_dim_ffn, 2048) << "default";
  EXPECT_EQ(s.model.dim_emb, 64) << "first file";
  EXPECT_EQ(s.model.enc_depth, 3) << "second file";
  EXPECT_EQ(s.model.dec_depth, 4) << "option, wherever it stands";
  EXPECT_EQ(s.search.beam_size, 5) << "--set";
  EXPECT_EQ(train({"--set", "seed=1", "--seed", "2"}).settings.data.seed, 2u);
  EXPECT_EQ(train({"--seed", "2", "--set", "seed=1"}).settings.data.seed, 1u)
      << "options and --set count in their order";
  EXPECT_EQ(train({"-c", b, "-c", a}).settings.model.enc_depth, 2) << "-c may be repeated";
}

TEST_F(CommandLine, OptionsTakeTheirFormsOfValues) {
  const auto s = train({"-b5", "-n", "0.6", "--tied-embeddings-all", "--exponential-smoothing", "--valid-metrics",
                        "bleu", "chrf", "--word-penalty", "-0.5", "--disp-label-counts=false", "--optimizer-params=0.9",
                        "-e", "7", "--after", "10e,100ku", "--optimizer-params", "0.98"})
                     .settings;
  EXPECT_EQ(s.search.beam_size, 5);
  EXPECT_EQ(s.search.normalize, 0.6);
  EXPECT_TRUE(s.model.tied_embeddings_all);
  EXPECT_EQ(s.training.exponential_smoothing, 1e-4);
  EXPECT_THAT(s.training.valid_metrics, ElementsAre("bleu", "chrf"));
  EXPECT_EQ(s.search.word_penalty, -0.5);
  EXPECT_FALSE(s.training.disp_label_counts);
  EXPECT_THAT(s.training.optimizer_params, ElementsAre(0.9, 0.98)) << "a list goes on when its option is given again";
  EXPECT_THAT(s.training.after, ElementsAre("10e", "100ku"));
  EXPECT_EQ(s.training.after_epochs, 7);
}

TEST_F(CommandLine, SetReadsYaml) {
  const auto s = train({"--set", "valid-metrics=[bleu, chrf]", "dim-vocabs=100 200",
                        "transformer-preprocess=", "train-sets=['my file.en', b.de]"})
                     .settings;
  EXPECT_THAT(s.training.valid_metrics, ElementsAre("bleu", "chrf"));
  EXPECT_THAT(s.model.dim_vocabs, ElementsAre(100, 200));
  EXPECT_THAT(s.data.train_sets, ElementsAre("my file.en", "b.de"));
}

TEST_F(CommandLine, WrongArgumentsAreUsageErrors) {
  EXPECT_EQ(train_error<UsageError>({"--beem-size", "5"}), "there is no option --beem-size; did you mean --beam-size?");
  EXPECT_EQ(train_error<UsageError>({"--beam", "5"}), "there is no option --beam; did you mean --beam-size?");
  EXPECT_EQ(train_error<UsageError>({"--beam-size", "five"}),
            "command line: beam-size: expected a whole number from 1 to 10000, found 'five'");
  EXPECT_THAT(train_error<UsageError>({"--beam-size"}), HasSubstr("beam-size"));
  EXPECT_EQ(train_error<UsageError>({"-b", "5", "stray"}), "unexpected argument 'stray'");
  EXPECT_EQ(train_error<UsageError>({"--set", "beem-size=5"}),
            "command line: there is no setting 'beem-size'; did you mean 'beam-size'?");
  EXPECT_EQ(train_error<UsageError>({"--set", "beam-size"}), "--set: expected KEY=VALUE, found 'beam-size'");
  EXPECT_EQ(train_error<UsageError>({"--tied-embeddings", "perhaps"}),
            "command line: tied-embeddings: expected true or false, found 'perhaps'");
  EXPECT_THAT(train_error<UsageError>({"--task", "transformer-bass"}), HasSubstr("did you mean 'transformer-base'?"));
  EXPECT_THAT(train_error<UsageError>({"--fp16"}), HasSubstr("fp16: 'true' is not supported"));
  EXPECT_THAT(train_error<UsageError>({"--dump-config", "half"}), HasSubstr("dump-config: expected"));
}

TEST_F(CommandLine, WrongFilesAreErrorsThatNameFileLineAndKey) {
  const std::string path = file("train.yml", "dim-emb: 64\nbeem-size: 5\n");
  EXPECT_EQ(train_error<Error>({"-c", path}),
            path + " line 2: there is no setting 'beem-size'; did you mean 'beam-size'?");
  file("train.yml", "dim-emb: wide\n");
  EXPECT_EQ(train_error<Error>({"-c", path}),
            path + " line 1: dim-emb: expected a whole number from 1 to 1048576, found 'wide'");
  file("train.yml", "dump-config: full\n");
  EXPECT_EQ(train_error<Error>({"-c", path}), path + " line 1: dump-config is an option of the command line only");
  file("train.yml", "set: dim-emb=5\n");
  EXPECT_THAT(train_error<Error>({"-c", path}), HasSubstr("set is an option of the command line only"));
  EXPECT_THAT(train_error<Error>({"-c", (folder_ / "none.yml").string()}), HasSubstr("none.yml"));
}

TEST_F(CommandLine, SettingsWithoutEffectAreNoted) {
  const auto parsed = train({"-d", "0", "1", "--sync-sgd", "--char-stride", "7"});
  ASSERT_EQ(parsed.notes.size(), 2u);
  EXPECT_THAT(parsed.notes[0], HasSubstr("devices has no effect"));
  EXPECT_THAT(parsed.notes[1], HasSubstr("char-stride has no effect"));
}

TEST_F(CommandLine, ATaskGivesWayToWhatIsGivenBesideIt) {
  const std::string with_task = file("t.yml", "enc-depth: 3\ntask: transformer-base\n");
  const auto of_file = train({"-c", with_task}).settings;
  EXPECT_EQ(of_file.model.enc_depth, 3) << "the file's own setting wins, wherever the task stands";
  EXPECT_EQ(of_file.model.dec_depth, 6);
  const std::string without = file("w.yml", "enc-depth: 3\nworkspace: 100\n");
  const auto of_option = train({"--workspace", "50", "--task", "transformer-base-prenorm", "-c", without}).settings;
  EXPECT_EQ(of_option.model.enc_depth, 6) << "a task given as an option wins over files, as in Marian";
  EXPECT_EQ(of_option.data.workspace, 50);
  EXPECT_EQ(of_option.model.transformer_preprocess, "n");
}

TEST_F(CommandLine, RelativePathsAreRelativeToTheirFile) {
  const std::string path =
      file("sub/c.yml", "relative-paths: true\nvalid-sets: v.en ../v.de\nmodel: /abs/m\nlog: l.txt\n");
  const auto s = train({"-c", path, "--valid-log", "v.log"}).settings;
  EXPECT_THAT(s.training.valid_sets, ElementsAre((folder_ / "sub/v.en").string(), (folder_ / "v.de").string()));
  EXPECT_EQ(s.model_path, "/abs/m");
  EXPECT_EQ(s.general.log, (folder_ / "sub/l.txt").string());
  EXPECT_THAT(s.data.train_sets, ElementsAre("a.en", "a.de")) << "paths of the command line stay";
  EXPECT_EQ(s.training.valid_log, "v.log");
  const std::string streams = file("s.yml", "train-sets: [stdin]\n");
  EXPECT_THAT(parse_train({"--relative-paths", "-c", streams}, out_).settings.data.train_sets, ElementsAre("stdin"));
}

TEST_F(CommandLine, EnvironmentVariablesAreReplacedInPathsIfAsked) {
  ::setenv("DRAGOMAN_TEST_FOLDER", "/data", 1);
  const std::string path = file("c.yml", "model: ${DRAGOMAN_TEST_FOLDER}/m\nvalid-script-args: ${KEEP}\n");
  const auto s = train({"--interpolate-env-vars", "-c", path, "--log", "${DRAGOMAN_TEST_FOLDER}/l"}).settings;
  EXPECT_EQ(s.model_path, "/data/m");
  EXPECT_EQ(s.general.log, "/data/l");
  EXPECT_THAT(s.training.valid_script_args, ElementsAre("${KEEP}")) << "not a path";
  EXPECT_EQ(train({"-c", path}).settings.model_path, "${DRAGOMAN_TEST_FOLDER}/m");
  EXPECT_THAT(train_error<UsageError>({"--interpolate-env-vars", "--log", "${DRAGOMAN_TEST_NONE}"}),
              HasSubstr("the environment variable DRAGOMAN_TEST_NONE in '${DRAGOMAN_TEST_NONE}' is not set"));
}

TEST_F(CommandLine, DumpedConfigurationsReadBackTheSame) {
  const Args args = {"--task",
                     "transformer-big",
                     "--log",
                     "a b.txt",
                     "--valid-metrics",
                     "bleu",
                     "--lr-warmup",
                     "5Mt",
                     "--learn-rate",
                     "3e-5",
                     "--user-defined-symbols",
                     "<a>,<b>"};
  for (const std::string mode : {"full", "minimal", "expand"}) {
    Args first = args;
    first.insert(first.end(), {"--dump-config", mode});
    out_.str("");
    EXPECT_TRUE(train(first).is_done);
    const std::string dumped = out_.str();
    EXPECT_THAT(dumped, HasSubstr("user-defined-symbols: [\"<a>\", \"<b>\"]\n"));
    EXPECT_THAT(dumped, Not(HasSubstr("dump-config")));
    EXPECT_THAT(dumped, Not(HasSubstr("task")));
    out_.str("");
    EXPECT_TRUE(parse_train({"-c", file("dump.yml", dumped), "--dump-config", mode}, out_).is_done);
    EXPECT_EQ(out_.str(), dumped);
  }
  out_.str("");
  train({"--dump-config", "minimal"});
  EXPECT_EQ(out_.str(), "# Training data\ntrain-sets: [a.en, a.de]\n");
}

TEST_F(CommandLine, HelpShowsDefaultsValuesAndAnExample) {
  EXPECT_TRUE(parse_train({"--help"}, out_).is_done);
  for (const char* text : {"Usage: dragoman train", "-b [ --beam-size ] N (=12)", "relu, gelu, swish", "Example",
                           "Validation set options", "-c [ --config ]", "--valid-freq PERIOD (=10000u)"}) {
    EXPECT_THAT(out_.str(), HasSubstr(text));
  }
  EXPECT_THAT(out_.str(), Not(HasSubstr("--char-stride"))) << "what has no effect is not offered";
  out_.str("");
  EXPECT_TRUE(parse_translate({"--help=markdown"}, out_).is_done);
  EXPECT_THAT(out_.str(), HasSubstr("| `beam-size` `-b` | `12` | hypotheses kept per sentence"));
  for (const auto parse_help : {+[](std::ostream& out) { return parse_vocab({"-h"}, out).is_done; },
                                +[](std::ostream& out) { return parse_score({"-h"}, out).is_done; },
                                +[](std::ostream& out) { return parse_info({"-h"}, out).is_done; }}) {
    out_.str("");
    EXPECT_TRUE(parse_help(out_));
    EXPECT_THAT(out_.str(), HasSubstr("Example"));
    EXPECT_THAT(out_.str(), HasSubstr("Usage: dragoman "));
  }
}

}  // namespace
}  // namespace dragoman
