#include "text/vocabulary.h"

#include <sentencepiece_processor.h>

#include <cassert>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "text/sentencepiece_log.h"
#include "text/sentencepiece_model.h"
#include "text/subword_sampler.h"

namespace dragoman {

struct Vocabulary::Impl {
  Impl(std::string file_bytes, const std::string& file_name)
      : bytes(std::move(file_bytes)), name(file_name), model(parse_sentencepiece_model(bytes, name)) {
    silence_sentencepiece();
    const auto status = processor.LoadFromSerializedProto(bytes);
    require(status.ok(), "{}: corrupt SentencePiece model: {}", name, status.error_message());
    require(processor.eos_id() >= 0, "{}: the SentencePiece model has no </s>; train it with --eos_id=0", name);
    for (std::size_t id = 0; id < model.pieces.size(); ++id) {
      const SentencePieceModel::Piece& piece = model.pieces[id];
      if (piece.type == SentencePieceModel::PieceType::byte && piece.text.size() == 6) {
        bytes_of_pieces.emplace(piece.text, char(std::strtoul(piece.text.substr(3, 2).c_str(), nullptr, 16)));
      }
    }
  }

  std::string bytes;
  std::string name;
  SentencePieceModel model;
  sentencepiece::SentencePieceProcessor processor;
  mutable std::once_flag sampler_once;
  mutable std::optional<SubwordSampler> sampler_when_needed;  ///< most programs never sample
  const SubwordSampler& sampler() const {
    std::call_once(sampler_once, [this] { sampler_when_needed.emplace(model); });
    return *sampler_when_needed;
  }
  std::unordered_map<std::string_view, char> bytes_of_pieces;  ///< <0x41> and the like
};

Vocabulary Vocabulary::load(const std::string& path) {
  require(file_exists(path), "cannot open vocabulary {}: no such file", path);
  return from_bytes(read_file(path), path);
}

Vocabulary Vocabulary::from_bytes(std::string bytes, const std::string& name) {
  return Vocabulary(std::make_shared<const Impl>(std::move(bytes), name));
}

std::vector<int> Vocabulary::encode(std::string_view line) const {
  std::vector<int> ids;
  const auto status = impl_->processor.Encode(line, &ids);
  require(status.ok(), "{}: cannot segment a line: {}", name(), status.error_message());
  return ids;
}

std::vector<int> Vocabulary::sample(std::string_view line, double alpha, std::uint64_t seed) const {
  if (alpha <= 0) return encode(line);
  assert(can_sample());
  // Together the pieces of any segmentation are the normalised text, which the library does not give otherwise.
  std::vector<std::string> pieces;
  const auto status = impl_->processor.Encode(line, &pieces);
  require(status.ok(), "{}: cannot segment a line: {}", name(), status.error_message());
  std::string normalized;
  for (const std::string& piece : pieces) {
    const auto byte = impl_->model.byte_fallback ? impl_->bytes_of_pieces.find(piece) : impl_->bytes_of_pieces.end();
    if (byte != impl_->bytes_of_pieces.end()) {
      normalized += byte->second;
    } else {
      normalized += piece;
    }
  }
  return impl_->sampler().sample(normalized, alpha, Random(seed));
}

bool Vocabulary::can_sample() const { return SubwordSampler::supports(impl_->model.type); }

std::string Vocabulary::decode(std::span<const int> ids) const {
  for (const int id : ids) {
    require(id >= 0 && id < size(), "{}: token {} is not in the vocabulary, which has {} pieces", name(), id, size());
  }
  std::string text;
  const auto status = impl_->processor.Decode(std::vector<int>(ids.begin(), ids.end()), &text);
  require(status.ok(), "{}: cannot turn tokens into text: {}", name(), status.error_message());
  return text;
}

int Vocabulary::size() const { return int(impl_->model.pieces.size()); }
int Vocabulary::end_id() const { return impl_->processor.eos_id(); }
int Vocabulary::unk_id() const { return impl_->processor.unk_id(); }

const std::string& Vocabulary::piece(int id) const {
  assert(id >= 0 && id < size());
  return impl_->model.pieces[std::size_t(id)].text;
}

int Vocabulary::id(std::string_view piece) const { return impl_->processor.PieceToId(piece); }

const std::string& Vocabulary::bytes() const { return impl_->bytes; }
const std::string& Vocabulary::name() const { return impl_->name; }

}  // namespace dragoman
