#include "text/vocabulary.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "text/piece_trie.h"
#include "text/sentencepiece_log.h"
#include "text/sentencepiece_model.h"
#include "text/subword_sampler.h"
#include "text/token_file.h"
#include "text/unigram_segmenter.h"
#include "text/vocabulary_kind.h"

namespace dragoman {

namespace {

/// Unigram models of the usual kind are applied by our own segmenter; the library is made when something else is
/// needed.
class SentencePieceVocabulary : public Vocabulary::Impl {
 public:
  SentencePieceVocabulary(std::string file_bytes, const std::string& file_name);

  std::vector<int> encode(std::string_view line) const override;
  std::vector<int> sample(std::string_view line, double alpha, std::uint64_t seed) const override;
  bool can_sample() const override { return SubwordSampler::supports(model_.type); }
  std::vector<std::string> pieces(std::string_view line) const override;
  std::vector<Segment> segments(std::string_view line) const override;
  std::vector<std::string> surfaces(std::span<const int> ids) const override;
  std::vector<std::string> surfaces_of(const std::vector<std::string>& pieces) const override;
  std::string decode(std::span<const int> ids) const override;
  std::string join(const std::vector<std::string>& pieces) const override;
  int size() const override { return int(model_.pieces.size()); }
  const std::string& piece(int id) const override { return model_.pieces[std::size_t(id)].text; }
  int id(std::string_view piece) const override;
  const std::string& sentencepiece_model() const override { return bytes; }

 private:
  const SubwordSampler& sampler() const {
    std::call_once(sampler_once_, [this] { sampler_when_needed_.emplace(model_); });
    return *sampler_when_needed_;
  }
  const sentencepiece::SentencePieceProcessor& processor() const;

  SentencePieceModel model_;
  PieceTrie ids_;
  std::optional<UnigramSegmenter> segmenter_;  ///< nothing: the library segments
  mutable std::once_flag processor_once_;
  mutable sentencepiece::SentencePieceProcessor processor_when_needed_;
  mutable std::once_flag sampler_once_;
  mutable std::optional<SubwordSampler> sampler_when_needed_;   ///< most programs never sample
  std::unordered_map<std::string_view, char> bytes_of_pieces_;  ///< <0x41> and the like
};

std::vector<PieceTrie::Text> texts_of(const SentencePieceModel& model) {
  std::vector<PieceTrie::Text> texts;
  texts.reserve(model.pieces.size());
  for (std::size_t id = 0; id < model.pieces.size(); ++id) texts.emplace_back(model.pieces[id].text, int(id));
  return texts;
}

SentencePieceVocabulary::SentencePieceVocabulary(std::string file_bytes, const std::string& file_name)
    : model_(parse_sentencepiece_model(file_bytes, file_name)), ids_(texts_of(model_)) {
  file_ending = ".spm";
  bytes = std::move(file_bytes);  // whose views the model keeps: it is longer than what strings hold in themselves
  name = file_name;
  require(ids_.repeated() < 0, "{}: corrupt SentencePiece model: piece '{}' occurs twice", name,
          ids_.repeated() < 0 ? "" : piece(ids_.repeated()));
  for (std::size_t i = 0; i < model_.pieces.size(); ++i) {
    const SentencePieceModel::Piece& piece = model_.pieces[i];
    if (piece.type == SentencePieceModel::PieceType::unknown) unk_id = int(i);
    if (piece.type == SentencePieceModel::PieceType::byte && piece.text.size() == 6) {
      bytes_of_pieces_.emplace(piece.text, char(std::strtoul(piece.text.substr(3, 2).c_str(), nullptr, 16)));
    }
  }
  if (UnigramSegmenter::supports(model_)) segmenter_.emplace(model_, ids_);
  if (!segmenter_) processor();  // what is wrong with it is told at once
  const int end = ids_.find(model_.end_piece);
  const bool ends = end >= 0 && model_.pieces[std::size_t(end)].type == SentencePieceModel::PieceType::control;
  end_id = ends ? end : -1;
}

const sentencepiece::SentencePieceProcessor& SentencePieceVocabulary::processor() const {
  std::call_once(processor_once_, [this] {
    silence_sentencepiece();
    const auto status = processor_when_needed_.LoadFromSerializedProto(bytes);
    require(status.ok(), "{}: corrupt SentencePiece model: {}", name, status.error_message());
  });
  return processor_when_needed_;
}

std::vector<int> SentencePieceVocabulary::encode(std::string_view line) const {
  if (segmenter_) return segmenter_->segment(line);
  std::vector<int> ids;
  const auto status = processor().Encode(line, &ids);
  require(status.ok(), "{}: cannot segment a line: {}", name, status.error_message());
  return ids;
}

std::vector<std::string> SentencePieceVocabulary::pieces(std::string_view line) const {
  std::vector<std::string> result;
  const auto status = processor().Encode(line, &result);
  require(status.ok(), "{}: cannot segment a line: {}", name, status.error_message());
  return result;
}

std::vector<int> SentencePieceVocabulary::sample(std::string_view line, double alpha, std::uint64_t seed) const {
  if (alpha <= 0) return encode(line);
  assert(can_sample());
  if (segmenter_) return sampler().sample(segmenter_->normalize(line), alpha, Random(seed));
  // Together the pieces of any segmentation are the normalised text, which the library does not give otherwise.
  std::string normalized;
  for (const std::string& piece : pieces(line)) {
    const auto byte = model_.byte_fallback ? bytes_of_pieces_.find(piece) : bytes_of_pieces_.end();
    if (byte != bytes_of_pieces_.end()) {
      normalized += byte->second;
    } else {
      normalized += piece;
    }
  }
  return sampler().sample(normalized, alpha, Random(seed));
}

std::vector<Segment> SentencePieceVocabulary::segments(std::string_view line) const {
  std::vector<Segment> result;
  const auto segmented = processor().EncodeAsImmutableProto(line);
  std::size_t reached = 0;
  for (const auto& piece : segmented.pieces()) {
    const std::size_t begin = std::max<std::size_t>(reached, piece.begin());
    const std::size_t end = std::max<std::size_t>(begin, piece.end());
    result.push_back({.id = int(piece.id()), .piece = piece.piece(), .begin = begin, .end = end});
    reached = end;
  }
  return result;
}

namespace {

std::vector<std::string> surfaces_in(const sentencepiece::ImmutableSentencePieceText& decoded) {
  std::vector<std::string> result;
  std::string whole;
  for (const auto& piece : decoded.pieces()) whole += result.emplace_back(piece.surface());
  if (whole != decoded.text() && !result.empty()) {  // a model that changes the text at the end
    std::fill(result.begin(), result.end(), "");
    result.front() = decoded.text();
  }
  return result;
}

}  // namespace

std::vector<std::string> SentencePieceVocabulary::surfaces(std::span<const int> ids) const {
  return surfaces_in(processor().DecodeIdsAsImmutableProto(std::vector<int>(ids.begin(), ids.end())));
}

std::vector<std::string> SentencePieceVocabulary::surfaces_of(const std::vector<std::string>& pieces) const {
  return surfaces_in(processor().DecodePiecesAsImmutableProto(pieces));
}

std::string SentencePieceVocabulary::decode(std::span<const int> ids) const {
  if (segmenter_) return segmenter_->join(ids);
  std::string text;
  const auto status = processor().Decode(std::vector<int>(ids.begin(), ids.end()), &text);
  require(status.ok(), "{}: cannot turn tokens into text: {}", name, status.error_message());
  return text;
}

std::string SentencePieceVocabulary::join(const std::vector<std::string>& pieces) const {
  std::string text;
  const auto status = processor().Decode(pieces, &text);
  require(status.ok(), "{}: cannot turn pieces into text: {}", name, status.error_message());
  return text;
}

int SentencePieceVocabulary::id(std::string_view piece) const {
  const int id = ids_.find(piece);
  return id < 0 ? unk_id : id;
}

}  // namespace

Vocabulary Vocabulary::load(const std::string& path) {
  require(!path.ends_with(".fsv"), "{}: a vocabulary with factors (.fsv), which we cannot read", path);
  if (!path.ends_with(".spm")) {
    require(file_exists(path), "cannot open vocabulary {}: no such file", path);
    const std::string content = read_file(path);
    // SentencePiece models begin with this byte, and lists with no empty line
    if (is_token_map(path) || content.empty() || content[0] != '\n') {
      return from_tokens(parse_token_file(content, path), path);
    }
  }
  const Vocabulary vocabulary = load_segmenter(path);
  require(vocabulary.end_id() >= 0, "{}: the SentencePiece model has no </s>; train it with --eos_id=0", path);
  return vocabulary;
}

Vocabulary Vocabulary::load_segmenter(const std::string& path) {
  require(file_exists(path), "cannot open vocabulary {}: no such file", path);
  return Vocabulary(std::make_shared<const SentencePieceVocabulary>(read_file(path), path));
}

Vocabulary Vocabulary::from_bytes(std::string bytes, const std::string& name) {
  Vocabulary vocabulary(std::make_shared<const SentencePieceVocabulary>(std::move(bytes), name));
  require(vocabulary.end_id() >= 0, "{}: the SentencePiece model has no </s>; train it with --eos_id=0", name);
  return vocabulary;
}

std::vector<int> Vocabulary::encode(std::string_view line) const { return impl_->encode(line); }
std::vector<int> Vocabulary::sample(std::string_view line, double alpha, std::uint64_t seed) const {
  return impl_->sample(line, alpha, seed);
}
bool Vocabulary::can_sample() const { return impl_->can_sample(); }
std::vector<std::string> Vocabulary::pieces(std::string_view line) const { return impl_->pieces(line); }

std::vector<Segment> Vocabulary::segments(std::string_view line) const { return impl_->segments(line); }

std::vector<std::string> Vocabulary::surfaces(std::span<const int> ids) const {
  check(ids);
  return impl_->surfaces(ids);
}

std::vector<std::string> Vocabulary::surfaces_of(const std::vector<std::string>& pieces) const {
  return impl_->surfaces_of(pieces);
}

void Vocabulary::check(std::span<const int> ids) const {
  for (const int id : ids) {
    require(id >= 0 && id < size(), "{}: token {} is not in the vocabulary, which has {} pieces", name(), id, size());
  }
}

std::string Vocabulary::decode(std::span<const int> ids) const {
  check(ids);
  return impl_->decode(ids);
}

std::string Vocabulary::join(const std::vector<std::string>& pieces) const { return impl_->join(pieces); }
Vocabulary Vocabulary::fitted_to(int rows) const {
  const auto fitted = impl_->fitted_to(rows);
  return fitted == nullptr ? *this : Vocabulary(fitted);
}

int Vocabulary::size() const { return impl_->size(); }
int Vocabulary::end_id() const { return impl_->end_id; }
int Vocabulary::unk_id() const { return impl_->unk_id; }

const std::string& Vocabulary::piece(int id) const {
  assert(id >= 0 && id < size());
  return impl_->piece(id);
}

int Vocabulary::id(std::string_view piece) const { return impl_->id(piece); }
const std::string& Vocabulary::bytes() const { return impl_->bytes; }
const std::string& Vocabulary::file_ending() const { return impl_->file_ending; }
const std::string& Vocabulary::sentencepiece_model() const { return impl_->sentencepiece_model(); }
const std::string& Vocabulary::name() const { return impl_->name; }

}  // namespace dragoman
