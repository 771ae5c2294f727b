#pragma once
// The subwords of a language (or of two): text to ids and back.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// A SentencePiece model, of any kind and with any ids. Immutable: copies are cheap and share it, and all threads may
/// use it at once.
class Vocabulary {
 public:
  /// Reads a model file. Throws Error naming the path if it is missing, no SentencePiece model, corrupt, or lacks a
  /// sentence end.
  static Vocabulary load(const std::string& path);
  /// A vocabulary out of a model file's bytes; `name` is used in messages.
  static Vocabulary from_bytes(std::string bytes, const std::string& name);

  /// The best segmentation of a line, without end_id(). Empty for a blank line.
  std::vector<int> encode(std::string_view line) const;
  /// A random segmentation (see SubwordSampler): a pure function of all three arguments and the model.
  /// alpha: smoothing of unigram models, dropout of BPE models; 0 gives encode(line).
  /// REQUIRES: can_sample() or alpha == 0.
  std::vector<int> sample(std::string_view line, double alpha, std::uint64_t seed) const;
  /// Whether sample() is possible: with unigram and BPE models.
  bool can_sample() const;
  /// The text that ids stand for; control symbols such as end_id() vanish. Throws Error for an id out of range.
  std::string decode(std::span<const int> ids) const;

  int size() const;
  int end_id() const;  ///< </s>
  int unk_id() const;  ///< <unk>
  /// REQUIRES: 0 <= id < size().
  const std::string& piece(int id) const;
  /// unk_id() if there is no such piece.
  int id(std::string_view piece) const;

  /// The file's content, to be copied into a model's folder.
  const std::string& bytes() const;
  const std::string& name() const;

 private:
  struct Impl;
  explicit Vocabulary(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace dragoman
