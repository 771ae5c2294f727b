#include "text/sentencepiece_model.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/error.h"

namespace dragoman {
namespace {

/// How a field is written, as its tag says.
enum class Wire { number = 0, eight_bytes = 1, bytes = 2, four_bytes = 5 };

/// One field of a protocol buffer message: a number, or bytes.
struct Field {
  int number = 0;
  Wire wire = Wire::number;
  std::uint64_t value = 0;
  std::string_view bytes;

  /// A field that is written otherwise than it is described is one that nobody knows.
  bool is(int expected, Wire as) const { return number == expected && wire == as; }
};

/// Goes through the fields of a message in the protocol buffers wire format.
class Message {
 public:
  Message(std::string_view bytes, const std::string& name) : rest_(bytes), name_(name) {}

  bool next(Field& field) {
    if (rest_.empty()) return false;
    const std::uint64_t tag = varint();
    field = {int(tag >> 3), Wire(tag & 7), 0, {}};
    check(tag >> 3 > 0 && tag >> 3 < (1u << 29));
    switch (tag & 7) {
      case 0:
        field.value = varint();
        return true;
      case 1:
        field.bytes = take(8);
        return true;
      case 2:
        field.bytes = take(varint());
        return true;
      case 5: {
        field.bytes = take(4);
        std::uint32_t value = 0;
        std::memcpy(&value, field.bytes.data(), 4);
        field.value = value;
        return true;
      }
      default:
        check(false);
    }
    return false;
  }

 private:
  void check(bool condition) const {
    require(condition, "{}: not a SentencePiece model, or a corrupt one (malformed record)", name_);
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      check(!rest_.empty());
      const auto byte = static_cast<unsigned char>(rest_[0]);
      rest_.remove_prefix(1);
      value |= std::uint64_t(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    check(false);
    return 0;
  }
  std::string_view take(std::uint64_t size) {
    check(size <= rest_.size());
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  std::string_view rest_;
  const std::string& name_;
};

/// Whether a table of normalisation rules points only into itself: the size of a double-array trie in bytes, the
/// trie (Darts-clone's 32-bit units: a leaf has bit 31 set and is an index into the strings; others have an offset
/// to the block of their children and, in bit 8, whether the child without a label is a leaf), and the
/// NUL-terminated replacement strings.
bool is_sound_character_map(std::string_view map) {
  if (map.empty()) return true;
  std::uint32_t trie_bytes = 0;
  if (map.size() < sizeof trie_bytes) return false;
  std::memcpy(&trie_bytes, map.data(), sizeof trie_bytes);
  map.remove_prefix(sizeof trie_bytes);
  if (trie_bytes >= map.size() || trie_bytes % 4 != 0 || trie_bytes < 1024 || map.back() != '\0') return false;
  const std::size_t units = trie_bytes / 4;
  const std::size_t strings = map.size() - trie_bytes;
  const auto unit = [&](std::size_t i) {
    std::uint32_t value = 0;
    std::memcpy(&value, map.data() + 4 * i, 4);
    return value;
  };
  for (std::size_t i = 0; i < units; ++i) {
    const std::uint32_t u = unit(i);
    if (i > 0 && (u >> 31) != 0) continue;  // nobody asks whether the root is a leaf
    const std::size_t children = i ^ (std::size_t(u >> 10) << ((u & 0x200) >> 6));
    if ((children | 0xFF) >= units) return false;
    if ((u & 0x100) != 0 && (unit(children) & 0x7FFFFFFF) >= strings) return false;
  }
  return true;
}

SentencePieceModel::Piece parse_piece(std::string_view bytes, const std::string& name, std::size_t id) {
  SentencePieceModel::Piece piece;
  Message message(bytes, name);
  for (Field field; message.next(field);) {
    if (field.is(1, Wire::bytes)) piece.text = field.bytes;
    if (field.is(2, Wire::four_bytes)) {
      const auto bits = std::uint32_t(field.value);
      std::memcpy(&piece.score, &bits, sizeof bits);
    }
    if (field.is(3, Wire::number)) {
      require(field.value >= 1 && field.value <= 6,
              "{}: corrupt SentencePiece model: piece {} has type {}, expected 1 to 6", name, id, field.value);
      piece.type = SentencePieceModel::PieceType(field.value);
    }
  }
  require(!piece.text.empty(), "{}: corrupt SentencePiece model: piece {} has no text", name, id);
  require(piece.text.find('\0') == std::string::npos, "{}: corrupt SentencePiece model: piece {} has a NUL inside",
          name,
          id);  // where the library takes its text to end
  require(std::isfinite(piece.score), "{}: corrupt SentencePiece model: the score of piece {} is not a finite number",
          name, id);
  return piece;
}

}  // namespace

SentencePieceModel parse_sentencepiece_model(std::string_view bytes, const std::string& name) {
  SentencePieceModel model;
  model.pieces.reserve(bytes.size() / 24);  // about as many as there are
  const auto read_normalizer = [&](std::string_view record, SentencePieceModel::Normalization& normalization) {
    Message message(record, name);
    for (Field field; message.next(field);) {
      if (field.is(2, Wire::bytes)) normalization.character_map = field.bytes;
      if (field.is(3, Wire::number)) normalization.adds_space_before = field.value != 0;
      if (field.is(4, Wire::number)) normalization.removes_extra_spaces = field.value != 0;
      if (field.is(5, Wire::number)) normalization.marks_spaces = field.value != 0;
      require(!field.is(2, Wire::bytes) || is_sound_character_map(field.bytes),
              "{}: corrupt SentencePiece model: the normalisation table is damaged", name);
    }
  };
  Message message(bytes, name);
  for (Field field; message.next(field);) {
    if (field.is(1, Wire::bytes)) model.pieces.push_back(parse_piece(field.bytes, name, model.pieces.size()));
    if (field.is(2, Wire::bytes)) {
      Message trainer(field.bytes, name);
      for (Field setting; trainer.next(setting);) {
        if (setting.is(3, Wire::number)) {
          require(setting.value >= 1 && setting.value <= 4,
                  "{}: corrupt SentencePiece model: model type {}, expected 1 to 4", name, setting.value);
          model.type = SentencePieceModel::Type(setting.value);
        }
        if (setting.is(24, Wire::number)) model.spaces_end_words = setting.value != 0;
        if (setting.is(35, Wire::number)) model.byte_fallback = setting.value != 0;
        if (setting.is(47, Wire::bytes) && !setting.bytes.empty()) model.end_piece = setting.bytes;
        if (setting.is(44, Wire::bytes)) model.unknown_surface = setting.bytes;
      }
    }
    if (field.is(3, Wire::bytes)) read_normalizer(field.bytes, model.normalization);
    if (field.is(5, Wire::bytes)) {
      SentencePieceModel::Normalization of_output;
      read_normalizer(field.bytes, of_output);
      model.changes_output = model.changes_output || !of_output.character_map.empty();
    }
  }
  require(!model.pieces.empty(), "{}: not a SentencePiece model: it has no pieces", name);
  const auto unknown = std::count_if(model.pieces.begin(), model.pieces.end(), [](const auto& piece) {
    return piece.type == SentencePieceModel::PieceType::unknown;
  });
  require(unknown == 1, "{}: corrupt SentencePiece model: {} unknown pieces, expected 1", name, unknown);
  return model;
}

}  // namespace dragoman
