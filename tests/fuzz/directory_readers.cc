// Files of our own model directories.

#include <cstring>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "format/config_yaml.h"
#include "format/model_directory.h"
#include "format/model_parameters.h"
#include "format/option_fields.h"
#include "format/safetensors.h"
#include "fuzz/make_readers.h"
#include "fuzz/scratch.h"
#include "model/quantize.h"
#include "ops/processor.h"
#include "train/checkpoint.h"
#include "train/progress.h"
#include "translate/model_set.h"
#include "translate/translator.h"

namespace dragoman::fuzz {
namespace {

const std::vector<std::string> words_of_headers = {"\"dtype\":",
                                                   "\"shape\":",
                                                   "\"data_offsets\":",
                                                   "\"__metadata__\":",
                                                   "\"F32\"",
                                                   "\"BF16\"",
                                                   "\"F16\"",
                                                   "\"I8\"",
                                                   "\"U64\"",
                                                   "\"BOOL\"",
                                                   "[]",
                                                   "[0]",
                                                   "{}",
                                                   "[",
                                                   "null",
                                                   "true",
                                                   "\"\"",
                                                   "\\u0000",
                                                   ".scale",
                                                   ".input_scale",
                                                   "\"version\":"};

/// The header's size again what it was in proportion, and the whole size a multiple of what it must be.
void mend_header_size(std::string& mutant, const std::string& seed) {
  if (mutant.size() < 8 || seed.size() < 8) return;
  std::uint64_t size = 0;
  std::memcpy(&size, seed.data(), sizeof size);
  size += mutant.size() - seed.size();
  std::memcpy(mutant.data(), &size, sizeof size);
}

/// Numbers of all types.
std::string sample_file(bool with_metadata) {
  const Scratch folder;
  const std::vector<float> floats = {1, -2, 3.5f, 0, 1e-3f, 7};
  const std::vector<std::byte> bytes(12, std::byte(0x3c));
  std::vector<StoredTensor> tensors = {stored_floats("a", {2, 3}, floats),
                                       stored_floats("scalar", {}, std::span(floats).first(1)),
                                       {"half", ElementType::f16, {6}, bytes},
                                       {"brain", ElementType::bf16, {2, 1, 3}, bytes},
                                       {"double", ElementType::f64, {1}, std::span(bytes).first(8)},
                                       {"int8", ElementType::i8, {12}, bytes},
                                       {"none", ElementType::f32, {0, 4}, {}}};
  write_safetensors(folder / "a", tensors,
                    with_metadata ? std::map<std::string, std::string>{{"format", "pt"}, {"version", "1"}}
                                  : std::map<std::string, std::string>{});
  return read_file(folder / "a");
}

/// A sound directory of a tiny model.
void write_model(const Seq2Seq& model, const Scratch& folder) {
  const std::string& vocabulary = tiny_vocabulary().bytes();
  save_model(folder.path(), model, {vocabulary, vocabulary}, "en", "de");
}

/// Only the settings that are not as usual.
std::string minimal_config(const ModelOptions& options) {
  ModelOptions described;
  const Fields fields = describe(described);
  described = options;
  return dump_config(fields, Dump::minimal);
}

std::vector<std::unique_ptr<Seq2Seq>> models_of_all_weights() {
  ModelOptions o = tiny_options();
  o.tied_embeddings_all = true;
  std::vector<std::unique_ptr<Seq2Seq>> all;
  all.push_back(tiny_model(o));
  all.push_back(quantized(*all[0]));
  watch_inputs(*all[1]);
  translate_with(*all[1]);
  all.push_back(with_fixed_scales(*all[1]));
  return all;
}

}  // namespace

Reader safetensors_reader() {
  return {.path = "some.safetensors",
          .seeds = {sample_file(true), sample_file(false)},
          .words = words_of_headers,
          .read =
              [](std::span<const std::byte> bytes) {
                const Safetensors file = Safetensors::from_bytes(bytes, "some.safetensors");
                std::size_t numbers = 0;
                for (const StoredTensor& tensor : file.tensors()) {
                  numbers += tensor.size();
                  const bool floats = tensor.type == ElementType::f32 || tensor.type == ElementType::f16 ||
                                      tensor.type == ElementType::bf16 || tensor.type == ElementType::f64;
                  if (floats) numbers += file.floats(tensor.name, tensor.shape).size();
                }
                if (numbers > 2 * bytes.size()) throw std::runtime_error("more numbers than bytes");
              },
          .mend = mend_header_size};
}

Reader model_parameters_reader() {
  const auto folder = std::make_shared<Scratch>();
  Reader reader{.path = folder->path(), .seeds = {}, .words = words_of_headers, .read = {}, .mend = mend_header_size};
  const auto models = models_of_all_weights();
  for (const auto& model : models) {
    write_model(*model, *folder);
    reader.seeds.push_back(read_file(parameters_path(folder->path())));
  }
  for (const ElementType type : {ElementType::bf16, ElementType::f16}) {
    const Parameters& floats = models[0]->parameters();
    save_parameters(parameters_path(folder->path()), floats, floats.values(), type);
    reader.seeds.push_back(read_file(parameters_path(folder->path())));
  }
  const std::string few = minimal_config(models[0]->options());
  folder->write("config.yml", std::as_bytes(std::span(few)));  // half of the time would go into reading all settings
  reader.read = [=](std::span<const std::byte> bytes) {
    folder->write("model.safetensors", bytes);
    translate_with(*load_model(folder->path()).model);
    const LoadedModel again = load_model(folder->path(), StoredWeights::bfloat16);
    if (has_operations_in(Precision::bfloat16)) translate_with(*in_bfloat16(*again.model));
  };
  return reader;
}

Reader model_config_reader() {
  const auto folder = std::make_shared<Scratch>();
  write_model(*tiny_model(tiny_options()), *folder);
  Reader reader{.path = folder->path(),
                .seeds = {read_file(config_path(folder->path()))},
                .is_text = true,
                .words = {"transformer",
                          "s2s",
                          "gru",
                          "lstm",
                          "ssru",
                          "rnn",
                          "average-attention",
                          "true",
                          "false",
                          "null",
                          "~",
                          "[]",
                          "{}",
                          "- ",
                          "&a ",
                          "*a",
                          "<<: ",
                          "!!binary ",
                          "---\n",
                          "...\n",
                          "? ",
                          "|\n",
                          ">\n",
                          "\"",
                          "'",
                          "vocabs: ",
                          "dim-vocabs: ",
                          "../nowhere",
                          "..",
                          "vocabulary.spm",
                          "config.yml",
                          "%YAML 1.2"}};
  reader.read = [=](std::span<const std::byte> bytes) {
    folder->write("config.yml", bytes);
    const ModelSet models = load_models(std::vector{folder->path()});
    try {
      Translator(models, {.search = {.beam_size = 2, .max_length = 8}, .batching = {.cpu_threads = 1}})
          .translate(std::vector<SourceLine>{{.text = "ab zz"}});
    } catch (const Error&) {  // of a language that has no rules, say
    }
  };
  return reader;
}

Reader training_state_reader() {
  const auto folder = std::make_shared<Scratch>();
  const std::string path = training_state_path(folder->path());
  std::vector<float> parameters(12, 0.5f), moments(12, -1);
  SavedFields fields;
  save(Progress{.epoch = 2,
                .updates = 10,
                .batches = 3,
                .sentences = 30,
                .epoch_sentences = 60,
                .tokens = 999,
                .seconds = 1.5},
       fields);
  save_training_state(path, std::vector<NamedBlock>{{"parameters", parameters}, {"moments", moments}}, fields);
  return {.path = path,
          .seeds = {read_file(path)},
          .words = words_of_headers,
          .read =
              [=](std::span<const std::byte> bytes) {
                folder->write("training.safetensors", bytes);
                std::vector<float> one(12), other(12);
                Progress progress = restore_progress(
                    load_training_state(path, std::vector<NamedBlock>{{"parameters", one}, {"moments", other}}));
                progress.next_epoch();
                if (!(progress.epochs() >= 0)) throw std::runtime_error("epochs that are no number");
              },
          .mend = mend_header_size};
}

}  // namespace dragoman::fuzz
