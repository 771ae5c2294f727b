#pragma once
// The subwords of a language (or of two): text to ids and back.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// Tokens by id, as models of other engines list them.
struct TokenList {
  std::vector<std::string> tokens;
  std::string end = "</s>", unknown = "<unk>";  ///< which of them end a sentence, and stand for all others
};

/// A token of a line, and the bytes of the line that it stands for.
struct Segment {
  int id = 0;
  std::string piece;  ///< as text, which need not be a piece of the vocabulary
  std::size_t begin = 0, end = 0;
};

/// A SentencePiece model, of any kind and with any ids; or a list of tokens. Immutable: copies are cheap and share it,
/// and all threads may use it at once.
class Vocabulary {
 public:
  /// Reads a file: a SentencePiece model if its name ends in .spm or it looks like one, else a list of tokens whose
  /// kind the ending says (text/token_file.h). Throws Error naming the path if it is missing, corrupt, or lacks a
  /// sentence end; or has factors (.fsv).
  static Vocabulary load(const std::string& path);
  /// A vocabulary out of a SentencePiece model's bytes; `name` is used in messages.
  static Vocabulary from_bytes(std::string bytes, const std::string& name);

  /// Reads a model file that only cuts text, for from_tokens: it may lack a sentence end.
  static Vocabulary load_segmenter(const std::string& path);
  /// A vocabulary whose ids are places in a list. Lines are cut into tokens by `segmenter`, a SentencePiece model whose
  /// own ids do not matter, or if it is null at white space. Throws Error naming `name` if the list lacks its sentence
  /// end or unknown token, and if most of the segmenter's pieces are not in it.
  static Vocabulary from_tokens(TokenList list, const std::string& name, const Vocabulary* segmenter = nullptr);

  /// For a model whose tables have `rows` rows: a list without segmenter loses what is above, or gets tokens that no
  /// line has. Others stay as they are.
  Vocabulary fitted_to(int rows) const;

  /// The best segmentation of a line, without end_id(). Empty for a blank line.
  std::vector<int> encode(std::string_view line) const;
  /// A random segmentation (see SubwordSampler): a pure function of all three arguments and the model.
  /// alpha: smoothing of unigram models, dropout of BPE models; 0 gives encode(line).
  /// REQUIRES: can_sample() or alpha == 0.
  std::vector<int> sample(std::string_view line, double alpha, std::uint64_t seed) const;
  /// Whether sample() is possible: with unigram and BPE models.
  bool can_sample() const;
  /// The best segmentation as texts, which need not be pieces of the vocabulary.
  std::vector<std::string> pieces(std::string_view line) const;
  /// The best segmentation with places: begins and ends never fall. White space may belong to no token, and where text
  /// is normalised a token may stand for nothing.
  std::vector<Segment> segments(std::string_view line) const;
  /// What each id contributes to decode(ids), which all of them make when written one after another. Of a character in
  /// several byte tokens the last one has all.
  std::vector<std::string> surfaces(std::span<const int> ids) const;
  /// The text that ids stand for; control symbols such as end_id() vanish. Throws Error for an id out of range.
  std::string decode(std::span<const int> ids) const;
  /// The text that pieces make, those that are none of the vocabulary too.
  std::string join(const std::vector<std::string>& pieces) const;

  int size() const;
  int end_id() const;  ///< </s>
  int unk_id() const;  ///< <unk>
  /// REQUIRES: 0 <= id < size().
  const std::string& piece(int id) const;
  /// unk_id() if there is no such piece.
  int id(std::string_view piece) const;

  /// The file's content, to be copied into a model's folder under a name with file_ending(); where that is empty,
  /// something that equals only for the same.
  const std::string& bytes() const;
  /// ".spm", or ".yml" of a list; empty: no file can hold it, as text is cut by other tokens or special ones have other
  /// names than usual.
  const std::string& file_ending() const;
  /// The bytes of the SentencePiece model that cuts lines; empty if there is none.
  const std::string& sentencepiece_model() const;
  /// Whether ids are those of the SentencePiece model.
  bool is_sentencepiece() const { return &sentencepiece_model() == &bytes(); }
  const std::string& name() const;
  /// surfaces() of pieces, those that are none of the vocabulary too.
  std::vector<std::string> surfaces_of(const std::vector<std::string>& pieces) const;

  struct Impl;  ///< see vocabulary_kind.h

 private:
  explicit Vocabulary(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  void check(std::span<const int> ids) const;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace dragoman
