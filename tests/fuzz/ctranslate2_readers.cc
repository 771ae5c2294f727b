// Files of CTranslate2's model directories.

#include <utility>

#include "base/files.h"
#include "format/ctranslate2_model_support.h"
#include "fuzz/make_readers.h"
#include "fuzz/scratch.h"
#include "translate/model_set.h"
#include "translate/translator.h"

namespace dragoman::fuzz {
namespace {

ModelOptions options_of(bool with_norms_before) {
  ModelOptions o = exportable_options();
  o.dim_emb = 4;
  o.transformer_heads = 2;
  o.transformer_dim_ffn = 3;
  o.enc_depth = 1;
  o.max_length = 10;
  o.transformer_train_position_embeddings = true;  // their table is shorter than that of sinusoids
  if (with_norms_before) pre_norm(o);
  return o;
}

/// A sound directory of which one file is replaced at a time.
struct Directory {
  explicit Directory(const std::string& changed_name, bool with_lists_of_lines = false) : changed(changed_name) {
    const CTranslate2Folder made;
    made.write(*random_model(options_of(false)));
    for (const std::string name : {"model.bin", "config.json", "source_vocabulary.json", "target_vocabulary.json"}) {
      if (with_lists_of_lines && name.ends_with("vocabulary.json")) continue;
      const std::string content = read_file(made / name);
      folder.write(name, std::as_bytes(std::span(content)));
    }
    std::string lines;
    for (const std::string& token : letters_vocabulary(13).tokens) lines += token + "\n";
    for (const std::string name : {"source_vocabulary.txt", "target_vocabulary.txt"}) {
      if (with_lists_of_lines) folder.write(name, std::as_bytes(std::span(lines)));
    }
  }

  /// As an application would: with vocabularies, from text to text.
  void read(std::span<const std::byte> bytes) const {
    folder.write(changed, bytes);
    const ModelSet models = load_models(std::vector{folder.path()});
    try {
      Translator(models, {.search = {.beam_size = 2, .max_length = 8}, .batching = {.cpu_threads = 1}})
          .translate(std::vector<SourceLine>{{.text = "a b zz"}});
    } catch (const Error&) {  // of numbers that are none, when sound weights overflow
    }
  }

  Scratch folder;
  std::string changed;
};

Reader reader_of(const std::shared_ptr<Directory>& directory, std::vector<std::string> words) {
  return {.path = directory->folder.path(),
          .seeds = {read_file(directory->folder / directory->changed)},
          .is_text = true,
          .words = std::move(words),
          .read = [=](std::span<const std::byte> bytes) { directory->read(bytes); }};
}

const std::vector<std::string> words_of_json = {"null",    "true",     "false",     "[]",       "{}",      "[[",
                                                "\"\"",    "\"</s>\"", "\"<unk>\"", "\"<s>\"",  "\\u0000", "\\ud800",
                                                "\\uffff", "1e999",    "-0",        "{\"a\":1}"};

}  // namespace

Reader ctranslate2_file_reader() {
  const std::vector<RawVariable> variables{raw_floats("encoder/weight", {3, 2}, {1, 2, 3, 4, 5, 6}),
                                           {"i8", {2, 2}, 1, raw(std::vector<std::int8_t>{1, 2, 3, 4})},
                                           raw_floats("i8_scale", {2}, {127, 2}),
                                           {"i16", {2}, 2, raw(std::vector<std::int16_t>{1024, -512})},
                                           {"token", {4}, 1, "</s>"},
                                           raw_floats("number", {}, {1})};
  Reader reader{.path = "some model.bin", .seeds = {}};
  for (std::uint32_t version = 1; version <= 6; ++version) {
    reader.seeds.push_back(raw_model(version, variables, {{"a", "i8"}, {"b", "a"}, {"c", "number"}}));
  }
  reader.read = [](std::span<const std::byte> bytes) {
    const auto file = CTranslate2File::from_bytes(bytes, "some model.bin");
    for (const StoredTensor& variable : file.variables()) {
      if (variable.size() * bytes_of(variable.type) != variable.bytes.size()) throw std::runtime_error("a wrong size");
      try {
        if (file.floats(variable.name).size() != variable.size()) throw std::runtime_error("a wrong number of floats");
      } catch (const Error&) {  // a scale that is missing
      }
    }
    for (const auto& [alias, name] : file.aliases()) {
      if (file.find(alias) == nullptr || file.find(alias) != file.find(name)) throw std::runtime_error("a lost alias");
    }
  };
  return reader;
}

Reader ctranslate2_model_reader() {
  const auto folder = std::make_shared<Directory>("model.bin");
  Reader reader{.path = folder->folder.path(),
                .seeds = {},
                .words = {"encoder/num_heads", "decoder/embeddings/weight", "encoder/layer_0/ffn/linear_0/weight",
                          "_scale", "layer_0", "layer_1", "encoder", "decoder", "TransformerSpec", "layer_norm/gamma"},
                .read = [=](std::span<const std::byte> bytes) {
                  folder->folder.write("model.bin", bytes);
                  translate_with(*load_ctranslate2_model(folder->folder.path()).model);
                }};
  const CTranslate2Folder made;
  for (const auto weights :
       {ExportedWeights::f32, ExportedWeights::int8, ExportedWeights::f16, ExportedWeights::int16}) {
    made.write(*random_model(options_of(weights == ExportedWeights::f16)), weights);
    reader.seeds.push_back(read_file(made / "model.bin"));
  }
  RawContent old(made / "model.bin");  // one of the time before config.json
  old.add({"unk_token", {5}, 1, "<unk>"});
  old.add({"eos_token", {4}, 1, "</s>"});
  reader.seeds.push_back(old.bytes(3, 6));
  return reader;
}

Reader ctranslate2_config_reader() {
  std::vector<std::string> words = words_of_json;
  for (const char* more : {"\"add_source_bos\":", "\"decoder_start_token\":", "\"layer_norm_epsilon\":",
                           "\"unk_token\":", "\"quantization_type\":", "\"multi_query_attention\":"}) {
    words.emplace_back(more);
  }
  return reader_of(std::make_shared<Directory>("config.json"), std::move(words));
}

Reader ctranslate2_vocabulary_json_reader() {
  return reader_of(std::make_shared<Directory>("source_vocabulary.json"), words_of_json);
}

Reader ctranslate2_vocabulary_txt_reader() {
  return reader_of(std::make_shared<Directory>("target_vocabulary.txt", true),
                   {"</s>", "<unk>", "\r\n", "\n\n", "\xef\xbb\xbf"});
}

}  // namespace dragoman::fuzz
