#pragma once
// Folders and tiny models for readers that take paths.

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "model/seq2seq.h"
#include "text/vocabulary.h"

namespace dragoman::fuzz {

/// A folder in memory where there is one, removed at the end.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file, not caring about crashes of the machine.
  void write(const std::string& name, std::span<const std::byte> bytes) const;

 private:
  std::string path_;
};

/// Options of a Transformer of a few hundred numbers.
ModelOptions tiny_options();
/// The same model for the same options.
std::unique_ptr<Seq2Seq> tiny_model(const ModelOptions& options);

/// The vocabulary of tiny models of ours: letters and few pairs of them, no normalisation.
const Vocabulary& tiny_vocabulary();

/// Translates a sentence of two words, as far as eight tokens.
void translate_with(const Seq2Seq& model);

}  // namespace dragoman::fuzz
