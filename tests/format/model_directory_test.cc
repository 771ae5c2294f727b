#include "format/model_directory.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <new>

#include "base/files.h"
#include "base/random.h"
#include "dragoman/error.h"
#include "format/safetensors.h"
#include "model/build.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

ModelOptions small_options() {
  ModelOptions options;
  options.dim_vocabs = {11, 13};
  options.dim_emb = 8;
  options.enc_depth = 2;
  options.dec_depth = 1;
  options.tied_embeddings = true;
  options.transformer_heads = 2;
  options.transformer_dim_ffn = 12;
  options.transformer_ffn_activation = "gelu";
  options.transformer_preprocess = "n";
  options.transformer_postprocess = "da";
  options.transformer_postprocess_top = "n";
  options.max_length = 77;
  return options;
}

class ModelDirectory : public ::testing::Test {
 protected:
  ModelDirectory() : folder_(fs::temp_directory_path() / "dragoman-model-XXXXXX") {
    if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("cannot make " + folder_);
    path_ = folder_ + "/model";
    model_ = build_model(small_options());
    model_->parameters().initialise(5);
  }
  ~ModelDirectory() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  void save() const { save_model(path_, *model_, {"source bytes", "target bytes"}); }
  std::string error() const {
    try {
      load_model(path_);
    } catch (const Error& e) {
      return e.what();
    }
    ADD_FAILURE() << "no Error was thrown";
    return "";
  }
  void edit_config(const std::string& from, const std::string& to) const {
    std::string text = read_file(config_path(path_));
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << text;
    write_atomically(config_path(path_), text.replace(at, from.size(), to));
  }
  /// Writes the parameters anew as `change` leaves them.
  void edit_tensors(const std::function<void(std::map<std::string, StoredTensor>&)>& change,
                    const std::map<std::string, std::string>& metadata = {}) const {
    const std::string bytes = read_file(parameters_path(path_));
    const Safetensors file = Safetensors::from_bytes(std::as_bytes(std::span(bytes)), "copy");
    std::map<std::string, StoredTensor> tensors;
    for (const StoredTensor& tensor : file.tensors()) tensors[tensor.name] = tensor;
    change(tensors);
    std::vector<StoredTensor> changed;
    for (const auto& [name, tensor] : tensors) changed.push_back(tensor);
    write_safetensors(parameters_path(path_), changed, metadata);
  }

  std::string folder_, path_;
  std::unique_ptr<Seq2Seq> model_;
};

TEST_F(ModelDirectory, SavedAndLoadedIsTheSameModel) {
  save_model(path_, *model_, {"source bytes", "target bytes"}, "en", "de");
  const LoadedModel loaded = load_model(path_);
  const auto expected = model_->parameters().values(), found = loaded.model->parameters().values();
  ASSERT_EQ(found.size(), expected.size());
  EXPECT_TRUE(std::equal(found.begin(), found.end(), expected.begin()));
  const ModelOptions& o = loaded.config.options;
  EXPECT_EQ(o.dim_vocabs, (std::vector{11, 13}));
  EXPECT_EQ(o.enc_depth, 2);
  EXPECT_TRUE(o.tied_embeddings);
  EXPECT_EQ(o.transformer_ffn_activation, "gelu");
  EXPECT_EQ(o.transformer_preprocess, "n");
  EXPECT_EQ(o.max_length, 77);
  EXPECT_EQ(loaded.config.source_language, "en");
  EXPECT_EQ(loaded.config.target_language, "de");
  EXPECT_EQ(read_file(loaded.config.source_vocabulary), "source bytes");
  EXPECT_EQ(read_file(loaded.config.target_vocabulary), "target bytes");
  const std::string config = read_file(config_path(path_)), parameters = read_file(parameters_path(path_));
  save_model(path_, *loaded.model, {"source bytes", "target bytes"}, "en", "de");
  EXPECT_EQ(read_file(config_path(path_)), config);
  EXPECT_EQ(read_file(parameters_path(path_)), parameters);
}

TEST_F(ModelDirectory, HoldsOneVocabularyIfItIsJoint) {
  save_model(path_, *model_, {"bytes", "bytes"});
  EXPECT_EQ(read_file(path_ + "/vocabulary.spm"), "bytes");
  const ModelConfig config = load_model_config(path_);
  EXPECT_EQ(config.source_vocabulary, config.target_vocabulary);
  EXPECT_FALSE(file_exists(path_ + "/source.spm"));
}

TEST_F(ModelDirectory, FindsTheUsualVocabulariesIfNoneAreNamed) {
  save();
  edit_config("vocabs: [source.spm, target.spm]", "");
  EXPECT_THAT(load_model_config(path_).target_vocabulary, HasSubstr("target.spm"));
  fs::remove(path_ + "/target.spm");
  EXPECT_THAT(error(), HasSubstr("no vocabulary: expected vocabulary.spm"));
}

TEST_F(ModelDirectory, CanBeMoved) {
  save();
  fs::rename(path_, folder_ + "/elsewhere");
  EXPECT_EQ(read_file(load_model(folder_ + "/elsewhere").config.source_vocabulary), "source bytes");
}

TEST_F(ModelDirectory, NamesWhatIsMissing) {
  EXPECT_THAT(error(), HasSubstr("no such model directory"));
  write_atomically(path_, "a file");
  EXPECT_THAT(error(), HasSubstr("expected a model directory"));
  fs::remove(path_);
  fs::create_directory(path_);
  EXPECT_THAT(error(), HasSubstr("no config.yml"));
  save();
  fs::remove(parameters_path(path_));
  EXPECT_THAT(error(), HasSubstr("no model.safetensors"));
  save();
  fs::remove(path_ + "/source.spm");
  EXPECT_THAT(error(), AllOf(HasSubstr("config.yml line"), HasSubstr("there is no source.spm")));
}

TEST_F(ModelDirectory, NamesFileLineAndKeyOfABadSetting) {
  save();
  edit_config("dim-emb: 8", "dim-emb: eight");
  EXPECT_THAT(error(), AllOf(HasSubstr("config.yml line"), HasSubstr("dim-emb"), HasSubstr("eight")));
  edit_config("dim-emb: eight", "dim-embb: 8");
  EXPECT_THAT(error(), AllOf(HasSubstr("config.yml line"), HasSubstr("dim-embb"), HasSubstr("dim-emb")));
  edit_config("dim-embb: 8", "dim-emb: 8");
  edit_config("dim-vocabs: [11, 13]", "dim-vocabs: [0, 13]");
  EXPECT_THAT(error(), HasSubstr("dim-vocabs"));
}

TEST_F(ModelDirectory, RefusesSettingsThatTheParametersCannotFitBeforeTakingMemory) {
  save();
  edit_config("transformer-dim-ffn: 12", "transformer-dim-ffn: 1000000");
  edit_config("enc-depth: 2", "enc-depth: 1000");
  EXPECT_THAT(error(), AllOf(HasSubstr("model.safetensors"), HasSubstr("has 17")));
}

TEST_F(ModelDirectory, NamesTheTensorThatDoesNotFit) {
  save();
  edit_tensors([](auto& tensors) { tensors.erase("output.bias"); });
  EXPECT_THAT(error(), HasSubstr("tensor 'output.bias' [13] is missing"));
  save();
  edit_tensors([](auto& tensors) {
    tensors["more"] = tensors["output.bias"];
    tensors["more"].name = "more";
  });
  EXPECT_THAT(error(), HasSubstr("unexpected tensor 'more' [13]"));
  save();
  edit_tensors([](auto& tensors) { tensors["source_embedding.weight"].shape = {8, 11}; });
  EXPECT_THAT(error(), HasSubstr("tensor 'source_embedding.weight': shape [8, 11], expected [11, 8]"));
  save();
  edit_tensors([](auto& tensors) { tensors["output.bias"].type = ElementType::i32; });
  EXPECT_THAT(error(), AllOf(HasSubstr("tensor 'output.bias'"), HasSubstr("I32")));
  save();
  edit_tensors([](auto&) {}, {{"format", "dragoman"}, {"version", "2"}});
  EXPECT_THAT(error(), HasSubstr("version '2' of the format, expected 1"));
  save();
  edit_tensors([](auto&) {});  // another program leaves no metadata
  EXPECT_NO_THROW(load_model(path_));
}

TEST_F(ModelDirectory, RefusesNumbersThatAreNotFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const Parameter& bias = *model_->parameters().find("output.bias");
    model_->parameters().values_of(bias)[2] = bad;
    save();
    EXPECT_THAT(error(), HasSubstr("tensor 'output.bias': number 3 of 13 is not finite"));
  }
}

TEST_F(ModelDirectory, KeepsTheParametersIfLoadingFails) {
  save();
  const Parameter& bias = *model_->parameters().find("output.bias");
  model_->parameters().values_of(bias)[0] = 42;
  edit_tensors([](auto& tensors) { tensors.erase("decoder.layers.0.feed_forward.inner.weight"); });
  const auto before = std::vector<float>(model_->parameters().values().begin(), model_->parameters().values().end());
  EXPECT_THROW(load_parameters(parameters_path(path_), model_->parameters()), Error);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), model_->parameters().values().begin()));
}

/// Damage of all kinds leads to an Error or, if it only changed a number, to a model: never to anything else.
TEST_F(ModelDirectory, SurvivesDamagedFiles) {
  save();
  Random random(11);
  for (const std::string& path : {parameters_path(path_), config_path(path_)}) {
    const std::string whole = read_file(path);
    int errors = 0, rounds = 0;
    for (; rounds < 300; ++rounds) {
      std::string damaged = whole;
      // half of the damage goes to the beginning, where the header is
      const auto place = [&] { return random.below(random.below(2) == 0 ? damaged.size() : damaged.size() / 8 + 1); };
      switch (rounds % 4) {
        case 0:
          damaged.resize(random.below(whole.size()));
          break;
        case 1:
          for (int i = 0; i < 3; ++i) damaged[place()] = char(random.below(256));
          break;
        case 2:
          damaged.insert(place(), std::string(1 + random.below(4), char('0' + random.below(10))));
          break;
        default:
          damaged.erase(place(), 1 + random.below(8));
      }
      std::ofstream(path, std::ios::binary | std::ios::trunc) << damaged;
      try {
        load_model(path_);
      } catch (const Error& e) {
        ++errors;
        EXPECT_THAT(e.what(), HasSubstr(path_)) << "an error must name the file";
      }
    }
    EXPECT_GT(errors, rounds / 3);
    write_atomically(path, whole);
    EXPECT_NO_THROW(load_model(path_));
  }
}

}  // namespace
}  // namespace dragoman
