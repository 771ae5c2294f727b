#pragma once
// model.bin of CTranslate2 (OpenNMT/CTranslate2: python/ctranslate2/specs/model_spec.py, src/models/model.cc): named
// arrays of numbers, one after another without alignment. All integers are little-endian.
//
//   u32 binary version (1 to 6); from 2 on: text name of the architecture, u32 its revision
//   u32 n, n times { text name; u8 rank; u32 extents[rank]; payload }
//   payload: from 4 on u8 type, u32 bytes, before u8 bytes of an element, u32 elements; and the elements
//   from 3 on: u32 m, m times { text alias; text name }
//   text: u16 length with the NUL at its end, characters, NUL

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "format/safetensors.h"

namespace dragoman {

/// A model.bin opened for reading. Opening checks all lengths, types, sizes and names; what passes can be trusted.
class CTranslate2File {
 public:
  /// Maps a file. Throws Error naming the file, the variable and what is wrong.
  static CTranslate2File open(const std::string& path);
  /// Reads from memory that the caller keeps alive; `name` stands for the path in errors.
  static CTranslate2File from_bytes(std::span<const std::byte> bytes, std::string name);

  const std::string& path() const { return path_; }
  int binary_version() const { return binary_version_; }
  const std::string& architecture() const { return architecture_; }  ///< "TransformerSpec"; empty in version 1
  int revision() const { return revision_; }                         ///< of the architecture's variables
  const std::vector<StoredTensor>& variables() const { return variables_; }
  const std::map<std::string, std::string, std::less<>>& aliases() const { return aliases_; }

  /// The variable of this name or alias; null if there is none.
  const StoredTensor* find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// The numbers of a variable as floats, in whatever type they are stored: f32, f16, bf16, i32, or i8 and i16 divided
  /// by the scale in NAME_scale, one for each row or one for all (i16 without scale: 1000). Throws Error naming the
  /// variable if it or its scale is missing or has another shape than `shape`.
  std::vector<float> floats(std::string_view name, const std::optional<TensorShape>& shape = std::nullopt) const;

  /// A variable of one number; nothing if there is none of that name.
  std::optional<double> number(std::string_view name) const;
  /// A variable that stores a text; nothing if there is none of that name.
  std::optional<std::string> text(std::string_view name) const;

 private:
  CTranslate2File() = default;
  void parse(std::span<const std::byte> bytes);
  void check_aliases() const;

  std::string path_;
  std::optional<MappedFile> file_;
  int binary_version_ = 0, revision_ = 1;
  std::string architecture_;
  std::vector<StoredTensor> variables_;
  std::map<std::string, std::size_t, std::less<>> places_;   // name -> index in variables_
  std::map<std::string, std::string, std::less<>> aliases_;  // alias -> name
};

/// Rows of a matrix in eight bits: value = number / scale of its row.
struct QuantizedRows {
  std::vector<std::int8_t> numbers;
  std::vector<float> scales;
};

/// Scales 127 / (largest magnitude of the row), 1 for a row of zeros, as CTranslate2 has them.
/// REQUIRES: rows divides the number of values.
QuantizedRows quantize_rows(std::span<const float> values, std::int64_t rows);

/// A matrix in sixteen bits: value = number / scale.
struct QuantizedMatrix {
  std::vector<std::int16_t> numbers;
  float scale = 1;
};

/// The scale is 1024 / (largest magnitude), 1 for zeros, as CTranslate2 has it.
QuantizedMatrix quantize_matrix(std::span<const float> values);

/// Writes a file of binary version 6, whole or not at all: variables of type f32, f16, bf16, i8, i16 or i32 and pairs
/// of alias and name, sorted. Throws Error if a name is empty, too long or given twice, or a variable is too large.
void write_ctranslate2_file(const std::string& path, const std::string& architecture, int revision,
                            std::span<const StoredTensor> variables,
                            const std::map<std::string, std::string>& aliases = {});

}  // namespace dragoman
