#pragma once
// Files of parameters that Marian writes: .npz (a zip of NumPy arrays) and .bin (its own, which can be mapped).
//
//   .bin   version (1), number of items; for each its name's length, type, rank and bytes; all names; all shapes;
//          padding; all data. 64-bit little-endian numbers; shapes have 32 bits.
//
// Weights in eight or sixteen bits ("intgemm") are followed by one float, their multiplier: number = integer /
// multiplier. Such a matrix is stored transposed if its name ends in _W or in _W and one more letter.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/safetensors.h"

namespace dragoman {

/// One array of a file.
struct MarianItem {
  std::string name;
  ElementType type = ElementType::f32;  ///< f32, f16, f64, i8 or i16
  TensorShape shape;
  std::span<const std::byte> bytes;  ///< of the elements, unaligned
  float multiplier = 0;              ///< of integers that stand for numbers; 0: a plain array

  std::int64_t size() const;
  bool is_transposed() const;  ///< data are [columns, rows] although the shape says [rows, columns]

  /// The numbers in the order of the shape, whatever the type. REQUIRES: the span has size() elements.
  void read_floats(std::span<float> out) const;
};

/// A file opened for reading. Opening checks every length, offset, type and name against the file's size.
class MarianFile {
 public:
  /// Throws Error naming the file, the item and what is wrong with it.
  static MarianFile open(const std::string& path);
  /// Reads from memory that `owner` keeps alive; `path` is used in errors only.
  static MarianFile from_bytes(std::span<const std::byte> bytes, const std::string& path,
                               std::shared_ptr<const void> owner);

  const std::string& path() const { return path_; }
  const std::vector<MarianItem>& items() const { return items_; }
  const MarianItem* find(std::string_view name) const;
  const std::string& settings() const { return settings_; }     ///< YAML of special:model.yml; empty: there is none
  std::shared_ptr<const void> owner() const { return owner_; }  ///< keeps the items' bytes alive

 private:
  void read_bin(std::span<const std::byte> bytes);
  void read_npz(std::span<const std::byte> bytes);
  void add(MarianItem item);

  std::string path_, settings_;
  std::vector<MarianItem> items_;
  std::shared_ptr<const void> owner_;
};

/// What a NumPy array file (.npy) holds.
struct NumpyArray {
  ElementType type = ElementType::f32;
  TensorShape shape;
  std::span<const std::byte> bytes;
};

/// Reads a .npy file of version 1 to 3, little-endian and in C order. Throws Error that begins with `where`.
NumpyArray parse_numpy(std::span<const std::byte> bytes, const std::string& where);

/// The bytes of an array's .npy file without the data.
std::string numpy_header(ElementType type, const TensorShape& shape);

/// An array to be written.
struct MarianArray {
  std::string name;
  TensorShape shape;
  std::vector<float> values;
};

/// Writes a .npz file with special:model.yml, whole or not at all.
void write_marian_npz(const std::string& path, std::span<const MarianArray> arrays, const std::string& settings);

}  // namespace dragoman
