#pragma once
// The safetensors file format: named arrays of numbers behind a JSON header. It holds models and training states, and
// other programs read and write it too (huggingface/safetensors: README.md, "Format").
//
// A file is: header size N (64 bits, little-endian), N bytes of JSON, then all arrays without gaps.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace dragoman {

/// What the elements of a stored tensor are. Only the float types below convert to float.
enum class ElementType { boolean, u8, i8, f8_e5m2, f8_e4m3, u16, i16, f16, bf16, u32, i32, f32, u64, i64, f64 };

std::size_t bytes_of(ElementType type);
std::string_view name_of(ElementType type);  ///< as written in files: "F32", "BF16", "I8"

using TensorShape = std::vector<std::int64_t>;
std::string to_string(const TensorShape& shape);  ///< "[2, 3]"

/// One tensor of a file: a view of bytes that the file (or, when writing, the caller) owns. The bytes need not be
/// aligned to the element size: files of other programs pad as they like.
struct StoredTensor {
  std::string name;
  ElementType type = ElementType::f32;
  TensorShape shape;                 ///< no dimension: a single number
  std::span<const std::byte> bytes;  ///< little-endian, the last dimension fastest

  std::size_t size() const { return bytes.size() / bytes_of(type); }  ///< number of elements
};

/// A view of floats as a tensor to write. REQUIRES: the product of `shape` is `values.size()`.
StoredTensor stored_floats(std::string name, TensorShape shape, std::span<const float> values);

/// A safetensors file opened for reading. Opening checks the whole header: sizes, JSON, types, shapes, that offsets
/// cover the data exactly once, that no name occurs twice. What passes can be trusted.
class Safetensors {
 public:
  /// Maps a file. Throws Error naming the file, the tensor and what is wrong.
  static Safetensors open(const std::string& path);
  /// Reads from memory that the caller keeps alive; `name` stands for the path in errors.
  static Safetensors from_bytes(std::span<const std::byte> bytes, std::string name);

  const std::string& path() const { return path_; }
  /// Keeps the mapped bytes of all tensors where they are; null if they were given.
  std::shared_ptr<const void> owner() const { return file_; }
  const std::vector<StoredTensor>& tensors() const { return tensors_; }  ///< in the order of their data
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

  const StoredTensor* find(std::string_view name) const;    ///< null if there is none
  const StoredTensor& tensor(std::string_view name) const;  ///< throws Error if there is none
  bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// The numbers of a tensor as floats, from F32, F64, F16 or BF16. Throws Error if it is missing, of another type,
  /// or (where `shape` is given) of another shape.
  std::vector<float> floats(std::string_view name, const std::optional<TensorShape>& shape = std::nullopt) const;
  /// The same into `out`, which must have the tensor's size (else Error).
  void read_floats(std::string_view name, std::span<float> out,
                   const std::optional<TensorShape>& shape = std::nullopt) const;

 private:
  Safetensors() = default;
  void parse(std::span<const std::byte> bytes);

  std::string path_;
  std::shared_ptr<const MappedFile> file_;
  std::vector<StoredTensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> places_;  // name -> index in tensors_
  std::map<std::string, std::string> metadata_;
};

/// Writes a file whole or not at all (base/files.h). The data are ordered by element size, largest first, so that all
/// are aligned; otherwise the order given is kept. Throws Error if a name is empty, reserved, not UTF-8 or given twice.
void write_safetensors(const std::string& path, std::span<const StoredTensor> tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace dragoman
