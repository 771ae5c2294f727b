#include "fuzz/scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/error.h"
#include "base/files.h"
#include "decode/decode.h"
#include "model/build.h"
#include "text/vocabulary_training.h"

namespace dragoman::fuzz {

namespace fs = std::filesystem;

Scratch::Scratch() {
  const fs::path in_memory = "/dev/shm";
  path_ = ((fs::is_directory(in_memory) ? in_memory : fs::temp_directory_path()) / "dragoman-fuzz-XXXXXX").string();
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void Scratch::write(const std::string& name, std::span<const std::byte> bytes) const {
  const std::string path = *this / name;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const bool whole = fd >= 0 && ::write(fd, bytes.data(), bytes.size()) == ssize_t(bytes.size());
  if (fd >= 0) ::close(fd);
  if (!whole) throw std::runtime_error("cannot write " + path);
}

ModelOptions tiny_options() {
  ModelOptions o;
  o.dim_vocabs = {tiny_vocabulary().size(), tiny_vocabulary().size()};
  o.dim_emb = 4;
  o.enc_depth = o.dec_depth = 1;
  o.transformer_heads = 2;
  o.transformer_dim_ffn = 3;
  o.transformer_dim_aan = 3;
  o.max_length = 20;
  return o;
}

std::unique_ptr<Seq2Seq> tiny_model(const ModelOptions& options) {
  auto model = build_model(options);
  model->parameters().initialise(1);
  return model;
}

const Vocabulary& tiny_vocabulary() {
  static const Vocabulary vocabulary = [] {
    const Scratch folder;
    std::ofstream(folder / "text") << "ab ba\nabc cab\nbca a\nacb b c\nab bc\n";
    train_vocabulary({{folder / "text"}}, folder / "v.spm", 12,
                     {.sentencepiece_options = "--normalization_rule_name=identity"});
    return Vocabulary::from_bytes(read_file(folder / "v.spm"), "tiny vocabulary");
  }();
  return vocabulary;
}

void translate_with(const Seq2Seq& model) {
  const int last = model.source_vocabulary() - 1;
  const std::vector<int> source = {std::min(2, last), std::min(3, last), 0}, offsets = {0, 3};
  static Arena arena;
  arena.reset();
  try {
    decode(model, arena, {source, offsets}, {.end = 0, .unknown = 1}, {.beam_size = 2, .max_length = 8});
  } catch (const Error&) {  // of numbers that are none, when sound weights overflow
  }
  if (arena.capacity() > (std::size_t(64) << 20)) throw std::runtime_error("an arena that is too large");
}

}  // namespace dragoman::fuzz
