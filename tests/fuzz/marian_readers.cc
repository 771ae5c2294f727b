// Marian's model.npz and model.bin.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/files.h"
#include "format/marian_model.h"
#include "format/marian_support.h"
#include "format/zip_archive.h"
#include "fuzz/make_readers.h"
#include "fuzz/scratch.h"

namespace dragoman::fuzz {
namespace {

constexpr const char* settings_name = "special:model.yml";

/// Settings of the kinds of models, decoders and norms that Marian has.
std::vector<ModelOptions> kinds() {
  std::vector<ModelOptions> all(5, tiny_options());
  all[0].transformer_decoder_autoreg = "rnn";
  all[0].dec_cell = "ssru";
  all[0].tied_embeddings_all = true;
  all[1].transformer_preprocess = "n";
  all[1].transformer_postprocess = "da";
  all[1].transformer_postprocess_top = "n";
  all[2].transformer_decoder_autoreg = "average-attention";
  all[2].transformer_train_position_embeddings = true;
  for (ModelOptions* recurrent : {&all[3], &all[4]}) {
    recurrent->type = "s2s";
    recurrent->dim_rnn = 4;
    recurrent->attention = "additive";
    recurrent->rnn_form = "marian";
  }
  all[3].enc_cell = all[3].dec_cell = "lstm";
  all[3].layer_normalization = true;
  all[4].enc_cell = all[4].dec_cell = "gru-nematus";
  all[4].rnn_form = "nematus";
  return all;
}

/// The bytes of a model as .npz.
std::string npz_of(const ModelOptions& options) {
  const Scratch folder;
  save_marian_model(folder / "model.npz", *tiny_model(options));
  return read_file(folder / "model.npz");
}

/// An item in eight bits, as Bergamot's models have them.
BinItem as_integers(const MarianItem& item) {
  std::vector<float> values(std::size_t(item.size()));
  item.read_floats(values);
  float largest = 1e-6f;
  for (const float x : values) largest = std::max(largest, std::fabs(x));
  const bool turns = MarianItem{item.name, ElementType::i8, item.shape, {}, 1}.is_transposed();
  const std::size_t rows = turns ? std::size_t(item.shape[0]) : 1, columns = values.size() / rows;
  std::string numbers(values.size(), '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    numbers[(i % columns) * rows + i / columns] = char(std::lround(values[i] * 127 / largest));
  }
  return {item.name, 0x4101, {item.shape.begin(), item.shape.end()}, numbers + raw_bytes(127 / largest)};
}

bool is_matrix(const std::string& name) {
  return name.find("_W") != std::string::npos && name.find("_ln_") == std::string::npos;
}

/// The same model as .bin; `integers`: with matrices in eight bits and scales of what goes into products.
std::string bin_of(const std::string& npz, bool integers, const std::string& settings = "") {
  const MarianFile file = MarianFile::from_bytes(std::as_bytes(std::span(npz)), "seed", nullptr);
  std::vector<BinItem> items;
  for (const MarianItem& item : file.items()) {
    if (integers && item.shape[0] > 1 && (is_matrix(item.name) || item.name.find("Wemb") != std::string::npos)) {
      items.push_back(as_integers(item));
      items.push_back({item.name + "_QuantMultA", 0x404, {1}, raw_bytes(20.0f)});
      continue;
    }
    items.push_back({item.name,
                     0x404,
                     {item.shape.begin(), item.shape.end()},
                     {reinterpret_cast<const char*>(item.bytes.data()), item.bytes.size()}});
  }
  if (integers) items.push_back({"none_QuantMultA", 0x404, {1}, raw_bytes(20.0f)});
  const std::string text = settings.empty() ? file.settings() + '\0' : settings;
  items.push_back({settings_name, 0x101, {std::int32_t(text.size())}, text});
  return marian_bin(items);
}

/// Loads and translates a model that is written to `name`.
std::function<void(std::span<const std::byte>)> load_as(const std::shared_ptr<Scratch>& folder,
                                                        const std::string& name) {
  return [=](std::span<const std::byte> bytes) {
    folder->write(name, bytes);
    translate_with(*load_marian_model(*folder / name, StoredWeights::as_stored));
  };
}

/// A .npy file with each number in eight bytes.
std::string in_double_precision(const std::string& content) {
  const NumpyArray array = parse_numpy(std::as_bytes(std::span(content)), "seed");
  std::string result = numpy_header(ElementType::f64, array.shape);
  for (std::size_t i = 0; i < array.bytes.size(); i += sizeof(float)) {
    float value;
    std::memcpy(&value, array.bytes.data() + i, sizeof value);
    result += raw_bytes(double(value));
  }
  return result;
}

const std::vector<std::string> words_of_settings = {"special:model.yml",
                                                    "type: ",
                                                    "transformer",
                                                    "s2s",
                                                    "dim-vocabs",
                                                    "dim-emb",
                                                    "enc-depth",
                                                    "dec-depth",
                                                    "dec-cell",
                                                    "transformer-heads",
                                                    "transformer-dim-ffn",
                                                    "tied-embeddings-all: true",
                                                    "null",
                                                    "true",
                                                    "false",
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
                                                    "| \n",
                                                    "encoder_l1_self_Wq",
                                                    "decoder_Wemb",
                                                    "_QuantMultA"};

}  // namespace

Reader marian_bin_reader() {
  const auto folder = std::make_shared<Scratch>();
  Reader reader{.path = *folder / "model.bin", .seeds = {}, .words = words_of_settings};
  for (const ModelOptions& options : kinds()) {
    for (const bool integers : {false, true}) reader.seeds.push_back(bin_of(npz_of(options), integers));
  }
  reader.read = load_as(folder, "model.bin");
  return reader;
}

Reader marian_npz_reader() {
  const auto folder = std::make_shared<Scratch>();
  Reader reader{.path = *folder / "model.npz", .seeds = {}};
  for (const ModelOptions& options : kinds()) reader.seeds.push_back(npz_of(options));
  reader.read = load_as(folder, "model.npz");
  return reader;
}

Reader marian_npy_reader() {
  const auto folder = std::make_shared<Scratch>();
  const std::string npz = npz_of(kinds()[0]);
  const auto entries = std::make_shared<std::vector<ZipEntry>>(read_zip(std::as_bytes(std::span(npz)), "seed"));
  const auto changed = std::find_if(entries->begin(), entries->end(),
                                    [](const ZipEntry& e) { return e.name == "encoder_l1_self_Wq.npy"; });
  const std::size_t place = std::size_t(changed - entries->begin());
  Reader reader{.path = *folder / "model.npz",
                .seeds = {changed->content, in_double_precision(changed->content)},
                .words = {"'descr'", "'fortran_order'", "'shape'", "True", "False", "'<f2'", "'<f8'", "'>f4'", "'|i1'",
                          "(", ")", ",", "()", "(1,)", "None"}};
  reader.read = [=](std::span<const std::byte> bytes) {
    std::vector<ZipEntry> all = *entries;
    all[place].content.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    write_zip(*folder / "model.npz", all);
    translate_with(*load_marian_model(*folder / "model.npz", StoredWeights::as_stored));
  };
  return reader;
}

Reader marian_settings_reader() {
  const auto folder = std::make_shared<Scratch>();
  const std::string npz = npz_of(kinds()[0]);
  const MarianFile file = MarianFile::from_bytes(std::as_bytes(std::span(npz)), "seed", nullptr);
  Reader reader{.path = *folder / "model.bin", .seeds = {file.settings()}, .is_text = true, .words = words_of_settings};
  reader.read = [=, load = load_as(folder, "model.bin")](std::span<const std::byte> bytes) {
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::string bin = bin_of(npz, true, text + '\0');
    load(std::as_bytes(std::span(bin)));
  };
  return reader;
}

}  // namespace dragoman::fuzz
