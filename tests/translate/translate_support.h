#pragma once
// What tests of translating need: small random models with a vocabulary, in memory and as directories.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "format/model_directory.h"
#include "model/build.h"
#include "text/text_support.h"
#include "translate/model_set.h"
#include "translate/translator.h"

namespace dragoman::testing {

/// Settings of a model of the toy vocabulary.
inline ModelOptions toy_options() {
  ModelOptions options;
  const int size = toy_vocabulary().size();
  options.dim_vocabs = {size, size};
  options.dim_emb = 16;
  options.enc_depth = 1;
  options.dec_depth = 2;
  options.tied_embeddings_all = true;
  options.transformer_heads = 2;
  options.transformer_dim_ffn = 32;
  options.transformer_ffn_activation = "relu";
  return options;
}

/// A random model whose translations end of themselves now and then: its weights are larger than initial ones, so that
/// outputs differ, and </s> has a bonus.
inline std::unique_ptr<Seq2Seq> toy_model(std::uint64_t seed = 1, const ModelOptions& options = toy_options()) {
  auto model = build_model(options);
  model->parameters().initialise(seed);
  for (float& value : model->parameters().values()) value *= 1.7f;
  const Parameter* bias = model->parameters().find("output.bias");
  if (bias != nullptr) model->parameters().values_of(*bias)[std::size_t(toy_vocabulary().end_id())] = 2.0f;
  return model;
}

/// Saves a random model as a directory and gives its path.
inline std::string save_toy_model(const Folder& folder, const std::string& name, std::uint64_t seed = 1,
                                  const ModelOptions& options = toy_options()) {
  const std::string bytes = toy_vocabulary().bytes();
  save_model(folder / name, *toy_model(seed, options), {bytes, bytes});
  return folder / name;
}

/// Random models as they are after loading.
inline ModelSet toy_models(const std::vector<std::uint64_t>& seeds = {1}, const ModelOptions& options = toy_options()) {
  std::vector<LoadedModel> models;
  for (const std::uint64_t seed : seeds) {
    models.emplace_back();
    models.back().config.options = options;
    models.back().model = toy_model(seed, options);
  }
  return {std::move(models), toy_vocabulary(), toy_vocabulary()};
}

/// Lines of words of the toy vocabulary.
inline std::vector<std::string> toy_lines(int count, std::uint64_t seed = 3) {
  const auto [source, target] = toy_corpus(count, seed);
  std::vector<std::string> lines;
  std::istringstream in(source);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

inline std::vector<SourceLine> numbered(const std::vector<std::string>& texts) {
  std::vector<SourceLine> lines;
  for (const std::string& text : texts) lines.push_back({.text = text, .number = std::int64_t(lines.size()) + 1});
  return lines;
}

}  // namespace dragoman::testing
