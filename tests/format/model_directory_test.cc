#include "format/model_directory.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <new>

#include "base/files.h"
#include "dragoman/error.h"
#include "format/model_parameters.h"
#include "format/safetensors.h"
#include "model/build.h"
#include "model/quantize.h"

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

/// All numbers, wherever they lie.
std::vector<float> bits_of(const Seq2Seq& model) {
  std::vector<float> all;
  for (const Parameter& p : model.parameters().list()) {
    const std::span<const float> values = model.parameters().floats_of(p);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
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
  EXPECT_EQ(bits_of(*loaded.model), bits_of(*model_));
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

TEST_F(ModelDirectory, NumbersStayInTheFileThatIsMapped) {
  save();
  const LoadedModel loaded = load_model(path_);
  EXPECT_TRUE(loaded.model->parameters().values().empty()) << "no memory of their own";
  for (const Parameter& p : loaded.model->parameters().list()) EXPECT_NE(p.elsewhere, nullptr) << p.name;
  save_model(path_, *quantized(*model_), {"source bytes", "target bytes"});
  const LoadedModel small = load_model(path_);
  EXPECT_TRUE(small.model->parameters().values().empty());
  for (const Parameter& p : small.model->parameters().list()) {
    EXPECT_EQ(p.int8 != nullptr, p.use != ParameterUse::other) << p.name;
  }
  fs::remove_all(path_);
  EXPECT_EQ(bits_of(*loaded.model), bits_of(*model_)) << "until nobody needs it";
}

TEST_F(ModelDirectory, FloatsThatLieWhereFloatsMayNotAreCopied) {
  save();
  std::string bytes = read_file(parameters_path(path_));
  std::uint64_t size = 0;
  std::memcpy(&size, bytes.data(), sizeof size);
  bytes.insert(8 + size, " ");  // as other programs may write their headers
  ++size;
  std::memcpy(bytes.data(), &size, sizeof size);
  write_atomically(parameters_path(path_), bytes);
  const LoadedModel loaded = load_model(path_);
  EXPECT_EQ(loaded.model->parameters().values().size(), model_->parameters().values().size());
  EXPECT_EQ(bits_of(*loaded.model), bits_of(*model_));
}

TEST_F(ModelDirectory, WeightsAreRoundedToSixteenBitsAndReadBack) {
  for (const auto& [type, within] : {std::pair(ElementType::bf16, 0x1p-8f), {ElementType::f16, 0x1p-11f}}) {
    save_model(path_, *model_, {"source bytes", "target bytes"}, "", "", type);
    const Safetensors file = Safetensors::open(parameters_path(path_));
    const LoadedModel loaded = load_model(path_);
    for (const Parameter& p : model_->parameters().list()) {
      const bool is_weight = p.use != ParameterUse::other;
      EXPECT_EQ(file.tensor(p.name).type, is_weight ? type : ElementType::f32) << p.name;
      const auto exact = model_->parameters().floats_of(p);
      const auto found = loaded.model->parameters().floats_of(*loaded.model->parameters().find(p.name));
      ASSERT_EQ(found.size(), exact.size());
      for (std::size_t i = 0; i < exact.size(); ++i) {
        ASSERT_LE(std::fabs(found[i] - exact[i]), is_weight ? within * std::fabs(exact[i]) + 1e-7f : 0) << p.name;
      }
    }
    auto copy = build_model(model_->options());
    load_parameters(parameters_path(path_), copy->parameters());
    EXPECT_EQ(bits_of(*copy), bits_of(*loaded.model)) << "for training";
  }
}

TEST_F(ModelDirectory, WeightsInBfloat16StayInTheFileWhereProductsAreInIt) {
  save_model(path_, *model_, {"source bytes", "target bytes"}, "", "", ElementType::bf16);
  const LoadedModel loaded = load_model(path_, StoredWeights::bfloat16);
  for (const Parameter& p : loaded.model->parameters().list()) {
    EXPECT_EQ(p.bfloat16 != nullptr, p.use != ParameterUse::other) << p.name;
  }
  EXPECT_TRUE(loaded.model->parameters().values().empty());
}

TEST_F(ModelDirectory, NumbersInSixteenBitsAreChecked) {
  const Parameter& weight = *model_->parameters().find("encoder.layers.1.feed_forward.inner.weight");
  model_->parameters().values_of(weight)[3] = 1e5f;
  EXPECT_NO_THROW(save_model(path_, *model_, {"source bytes", "target bytes"}, "", "", ElementType::bf16));
  try {
    save_model(path_, *model_, {"source bytes", "target bytes"}, "", "", ElementType::f16);
    ADD_FAILURE() << "no Error was thrown";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(),
                HasSubstr("tensor 'encoder.layers.1.feed_forward.inner.weight': number 4 is 100000, too large"));
  }
  const std::vector<std::uint16_t> infinite(std::size_t(weight.shape.size()), 0x7f80);
  edit_tensors([&](auto& tensors) { tensors.at(weight.name).bytes = std::as_bytes(std::span(infinite)); });
  EXPECT_THAT(error(), HasSubstr("number 1 of 96 is not finite"));
  EXPECT_THROW(load_model(path_, StoredWeights::bfloat16), Error);
}

}  // namespace
}  // namespace dragoman
