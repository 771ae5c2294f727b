#pragma once
// Small random models as directories of CTranslate2: as we write them, and as its older versions did.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <map>

#include "base/files.h"
#include "format/ctranslate2_export.h"
#include "format/ctranslate2_import.h"
#include "format/ctranslate2_support.h"
#include "model/model_support.h"

namespace dragoman {

/// Options of a small model that CTranslate2 can run.
inline ModelOptions exportable_options() {
  ModelOptions o;
  o.dim_vocabs = {13, 13};
  o.dim_emb = 8;
  o.enc_depth = 2;
  o.dec_depth = 1;
  o.transformer_heads = 2;
  o.transformer_dim_ffn = 12;
  o.max_length = 20;
  return o;
}

inline void pre_norm(ModelOptions& o) {
  o.transformer_preprocess = "n";
  o.transformer_postprocess = "da";
  o.transformer_postprocess_top = "n";
  o.transformer_norm_keys = true;
}

/// Tokens "</s>", "<unk>", "a", "b" and so on.
inline ExportedVocabulary letters_vocabulary(int size) {
  ExportedVocabulary vocabulary{.tokens = {"</s>", "<unk>"}};
  for (int i = 2; i < size; ++i) vocabulary.tokens.emplace_back(1, char('a' + i - 2));
  return vocabulary;
}

/// A folder that holds a model of CTranslate2.
class CTranslate2Folder {
 public:
  CTranslate2Folder() : path_((std::filesystem::temp_directory_path() / "dragoman-ctranslate2-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
  }
  ~CTranslate2Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  CTranslate2Folder(const CTranslate2Folder&) = delete;
  CTranslate2Folder& operator=(const CTranslate2Folder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  void write(const Seq2Seq& model, ExportedWeights weights = ExportedWeights::f32) const {
    const ModelOptions& o = model.options();
    const bool joint = o.tied_embeddings_all || o.tied_embeddings_src;
    export_ctranslate2(path_, model, letters_vocabulary(o.dim_vocabs[0]), letters_vocabulary(o.dim_vocabs[1]), joint,
                       weights);
  }

  void edit(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = read_file(*this / name);
    const std::size_t place = text.find(from);
    ASSERT_NE(place, std::string::npos) << text;
    write_atomically(*this / name, text.replace(place, from.size(), to));
  }

 private:
  std::string path_;
};

/// What a model.bin says, to be changed and written as any version.
struct RawContent {
  std::map<std::string, RawVariable> variables;
  std::map<std::string, std::string> aliases;

  explicit RawContent(const std::string& path) {
    const CTranslate2File file = CTranslate2File::open(path);
    for (const StoredTensor& v : file.variables()) {
      const int type = v.type == ElementType::f32   ? 0
                       : v.type == ElementType::i8  ? 1
                       : v.type == ElementType::i16 ? 2
                       : v.type == ElementType::i32 ? 3
                       : v.type == ElementType::f16 ? 4
                                                    : 5;
      variables[v.name] = {v.name,
                           {v.shape.begin(), v.shape.end()},
                           type,
                           {reinterpret_cast<const char*>(v.bytes.data()), v.bytes.size()}};
    }
    aliases.insert(file.aliases().begin(), file.aliases().end());
  }

  void add(RawVariable variable) { variables[variable.name] = variable; }
  void rename(const std::string& from, const std::string& to) {
    RawVariable variable = variables.at(from);
    variables.erase(from);
    variable.name = to;
    add(std::move(variable));
  }

  std::string bytes(std::uint32_t version = 6, std::uint32_t revision = 7,
                    const std::string& architecture = "TransformerSpec") const {
    std::map<std::string, RawVariable> all = variables;
    if (version < 3) {  // which had no aliases
      for (const auto& [alias, name] : aliases) {
        all[alias] = variables.at(name);
        all[alias].name = alias;
      }
    }
    std::vector<RawVariable> list;
    for (const auto& [name, variable] : all) list.push_back(variable);
    return raw_model(version, list, RawAliases(aliases.begin(), aliases.end()), architecture, revision);
  }
};

/// Log-probabilities of a target of several sentences, token by token.
inline std::vector<float> log_probabilities_of(const Seq2Seq& model) {
  Random random(4);
  Sentences source, fed;
  for (const int words : {1, 4, 7}) {
    source.add(random_sentence(random, model.source_vocabulary(), words));
    fed.add(shifted(random_sentence(random, model.target_vocabulary(), words + 1)));
  }
  Arena arena;
  const Context ctx{arena};
  const auto state = model.start(ctx, model.encode(ctx, source.grid()), Decoding::whole);
  const auto values = model.log_probabilities(ctx, model.step(ctx, *state, fed.grid())).values();
  return {values.begin(), values.end()};
}

}  // namespace dragoman
