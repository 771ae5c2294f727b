#include "format/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "format/half.h"
#include "format/safetensors_header.h"

namespace dragoman {
namespace {

static_assert(std::endian::native == std::endian::little, "stored numbers are little-endian, as all x86-64 are");

struct TypeInfo {
  ElementType type;
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array<TypeInfo, 15> types{{{ElementType::boolean, "BOOL", 1},
                                          {ElementType::u8, "U8", 1},
                                          {ElementType::i8, "I8", 1},
                                          {ElementType::f8_e5m2, "F8_E5M2", 1},
                                          {ElementType::f8_e4m3, "F8_E4M3", 1},
                                          {ElementType::u16, "U16", 2},
                                          {ElementType::i16, "I16", 2},
                                          {ElementType::f16, "F16", 2},
                                          {ElementType::bf16, "BF16", 2},
                                          {ElementType::u32, "U32", 4},
                                          {ElementType::i32, "I32", 4},
                                          {ElementType::f32, "F32", 4},
                                          {ElementType::u64, "U64", 8},
                                          {ElementType::i64, "I64", 8},
                                          {ElementType::f64, "F64", 8}}};

const TypeInfo& info(ElementType type) {
  const auto found = std::find_if(types.begin(), types.end(), [&](const TypeInfo& t) { return t.type == type; });
  assert(found != types.end());
  return *found;
}

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// The bytes that elements of `type` in `shape` take, or nothing if that does not fit 64 bits.
std::optional<std::uint64_t> bytes_of_shape(ElementType type, const TensorShape& shape) {
  std::uint64_t bytes = bytes_of(type);
  for (const std::int64_t extent : shape) {
    if (__builtin_mul_overflow(bytes, std::uint64_t(extent), &bytes)) return std::nullopt;
  }
  return bytes;
}

}  // namespace

std::size_t bytes_of(ElementType type) { return info(type).bytes; }
std::string_view name_of(ElementType type) { return info(type).name; }

std::string to_string(const TensorShape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

StoredTensor stored_floats(std::string name, TensorShape shape, std::span<const float> values) {
  assert(bytes_of_shape(ElementType::f32, shape) == values.size_bytes());
  return {std::move(name), ElementType::f32, std::move(shape), std::as_bytes(values)};
}

Safetensors Safetensors::open(const std::string& path) {
  Safetensors file;
  file.path_ = path;
  file.file_ = std::make_shared<const MappedFile>(path);
  file.parse(file.file_->bytes());
  return file;
}

Safetensors Safetensors::from_bytes(std::span<const std::byte> bytes, std::string name) {
  Safetensors file;
  file.path_ = std::move(name);
  file.parse(bytes);
  return file;
}

void Safetensors::parse(std::span<const std::byte> bytes) {
  constexpr std::uint64_t longest_header = 100'000'000;
  require(bytes.size() >= 8, "{}: not a safetensors file: {} bytes, expected at least 8", path_, bytes.size());
  const auto header_size = load<std::uint64_t>(bytes.data());
  require(header_size <= longest_header, "{}: not a safetensors file: a header of {} bytes, at most {} are allowed",
          path_, header_size, longest_header);
  require(header_size <= bytes.size() - 8, "{}: truncated: the header has {} bytes, but only {} follow", path_,
          header_size, bytes.size() - 8);
  const std::string_view json(reinterpret_cast<const char*>(bytes.data()) + 8, header_size);
  const std::span<const std::byte> data = bytes.subspan(8 + header_size);

  SafetensorsHeader header = parse_safetensors_header(json, path_);
  metadata_ = std::move(header.metadata);
  std::stable_sort(header.tensors.begin(), header.tensors.end(),
                   [](const auto& a, const auto& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::uint64_t covered = 0;  // bytes of data that the tensors so far take up
  std::string before = "the start of the data";
  for (SafetensorsHeader::Entry& entry : header.tensors) {
    const auto type =
        std::find_if(types.begin(), types.end(), [&](const TypeInfo& t) { return t.name == entry.dtype; });
    require(type != types.end(), "{}: tensor '{}': unknown dtype '{}'", path_, entry.name, entry.dtype);
    require(entry.begin <= entry.end && entry.end <= data.size(),
            "{}: tensor '{}': data_offsets [{}, {}] do not lie in the {} bytes of data (is the file truncated?)", path_,
            entry.name, entry.begin, entry.end, data.size());
    const auto expected = bytes_of_shape(type->type, entry.shape);
    require(expected.has_value(), "{}: tensor '{}': the shape {} of {} is too large", path_, entry.name,
            to_string(entry.shape), entry.dtype);
    require(entry.end - entry.begin == *expected, "{}: tensor '{}': {} {} takes {} bytes, but data_offsets give it {}",
            path_, entry.name, entry.dtype, to_string(entry.shape), *expected, entry.end - entry.begin);
    require(entry.begin >= covered, "{}: tensor '{}': its data begin at {}, inside of {}, which ends at {}", path_,
            entry.name, entry.begin, before, covered);
    require(entry.begin == covered, "{}: tensor '{}': {} unused bytes between {} and its data", path_, entry.name,
            entry.begin - covered, before);
    covered = entry.end;
    before = "tensor '" + entry.name + "'";
    places_.emplace(entry.name, tensors_.size());
    tensors_.push_back({std::move(entry.name), type->type, std::move(entry.shape),
                        data.subspan(std::size_t(entry.begin), std::size_t(entry.end - entry.begin))});
  }
  require(covered == data.size(), "{}: {} bytes follow {}, the last of the data", path_, data.size() - covered, before);
}

const StoredTensor* Safetensors::find(std::string_view name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &tensors_[found->second];
}

const StoredTensor& Safetensors::tensor(std::string_view name) const {
  const StoredTensor* found = find(name);
  require(found != nullptr, "{}: there is no tensor '{}'", path_, name);
  return *found;
}

std::vector<float> Safetensors::floats(std::string_view name, const std::optional<TensorShape>& shape) const {
  std::vector<float> values(tensor(name).size());
  read_floats(name, values, shape);
  return values;
}

void Safetensors::read_floats(std::string_view name, std::span<float> out,
                              const std::optional<TensorShape>& shape) const {
  const StoredTensor& stored = tensor(name);
  if (shape && stored.shape != *shape) {
    fail("{}: tensor '{}': shape {}, expected {}", path_, name, to_string(stored.shape), to_string(*shape));
  }
  require(stored.size() == out.size(), "{}: tensor '{}': {} numbers, expected {}", path_, name, stored.size(),
          out.size());
  const std::byte* from = stored.bytes.data();
  switch (stored.type) {
    case ElementType::f32:
      if (!out.empty()) std::memcpy(out.data(), from, stored.bytes.size());
      return;
    case ElementType::f64:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = float(load<double>(from + 8 * i));
      return;
    case ElementType::f16:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = from_f16(load<std::uint16_t>(from + 2 * i));
      return;
    case ElementType::bf16:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = from_bf16(load<std::uint16_t>(from + 2 * i));
      return;
    default:
      fail("{}: tensor '{}': type {}, expected F32, F64, F16 or BF16", path_, name, name_of(stored.type));
  }
}

void write_safetensors(const std::string& path, std::span<const StoredTensor> tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<const StoredTensor*> ordered;
  for (const StoredTensor& tensor : tensors) ordered.push_back(&tensor);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const StoredTensor* a, const StoredTensor* b) { return bytes_of(a->type) > bytes_of(b->type); });

  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::vector<std::string_view> names;
  std::uint64_t offset = 0;
  for (const StoredTensor* tensor : ordered) {
    assert(bytes_of_shape(tensor->type, tensor->shape) == tensor->bytes.size());
    require(!tensor->name.empty() && tensor->name != "__metadata__", "cannot write {}: '{}' cannot name a tensor", path,
            tensor->name);
    names.push_back(tensor->name);
    const std::uint64_t end = offset + tensor->bytes.size();
    header.push_back(
        {tensor->name, {{"dtype", name_of(tensor->type)}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}}});
    offset = end;
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  require(twice == names.end(), "cannot write {}: two tensors are named '{}'", path,
          twice == names.end() ? "" : *twice);

  std::string json;
  try {
    json = header.dump();
  } catch (const nlohmann::json::exception& e) {
    fail("cannot write {}: a name or a text of its header is not UTF-8 ({})", path, e.what());
  }
  json.append((8 - json.size() % 8) % 8, ' ');  // so that the data are aligned to 8 bytes
  const std::uint64_t header_size = json.size();
  write_atomically(path, [&](std::ostream& out) {
    out.write(reinterpret_cast<const char*>(&header_size), sizeof header_size);
    out.write(json.data(), std::streamsize(json.size()));
    for (const StoredTensor* tensor : ordered) {
      out.write(reinterpret_cast<const char*>(tensor->bytes.data()), std::streamsize(tensor->bytes.size()));
    }
  });
}

}  // namespace dragoman
