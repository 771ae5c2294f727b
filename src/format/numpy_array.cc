// .npy files (NumPy Enhancement Proposal 1): a magic string, a version, the header's length and a Python dictionary.

#include <charconv>
#include <cstring>

#include "base/error.h"
#include "format/marian_file.h"

namespace dragoman {
namespace {

constexpr std::string_view magic = "\x93NUMPY";

struct NumpyType {
  std::string_view name;
  ElementType type;
};
constexpr NumpyType numpy_types[] = {{"<f4", ElementType::f32}, {"<f2", ElementType::f16}, {"<f8", ElementType::f64},
                                     {"|i1", ElementType::i8},  {"<i1", ElementType::i8},  {"<i2", ElementType::i16},
                                     {"<i4", ElementType::i32}, {"<u4", ElementType::u32}, {"<i8", ElementType::i64},
                                     {"<u8", ElementType::u64}, {"|u1", ElementType::u8}};

/// What follows 'key': in the dictionary.
std::string_view value_of(std::string_view header, std::string_view key, const std::string& where) {
  const std::string quoted = "'" + std::string(key) + "'";
  std::size_t at = header.find(quoted);
  require(at != std::string_view::npos, "{}: no {} in its header", where, quoted);
  at = header.find_first_not_of(" :", at + quoted.size());
  require(at != std::string_view::npos, "{}: {} has no value in its header", where, quoted);
  return header.substr(at);
}

}  // namespace

NumpyArray parse_numpy(std::span<const std::byte> bytes, const std::string& where) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  require(text.size() >= 12 && text.substr(0, magic.size()) == magic, "{}: no NumPy array", where);
  const auto byte = [&](std::size_t i) { return std::size_t(static_cast<unsigned char>(text[i])); };
  const std::size_t version = byte(6);
  require(version >= 1 && version <= 3, "{}: a NumPy array of version {}, expected 1 to 3", where, version);
  const std::size_t begin = version == 1 ? 10 : 12;
  const std::size_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  require(length <= text.size() - begin, "{}: a header of {} bytes in a NumPy array of {}", where, length, text.size());
  const std::string_view header = text.substr(begin, length);

  NumpyArray array;
  const std::string_view type = value_of(header, "descr", where);
  bool known = false;
  for (const NumpyType& candidate : numpy_types) {
    if (type.substr(0, 5) != "'" + std::string(candidate.name) + "'") continue;
    array.type = candidate.type;
    known = true;
  }
  require(known, "{}: elements of type {}, expected little-endian numbers such as '<f4'", where,
          type.substr(0, type.find(',')));
  require(value_of(header, "fortran_order", where).substr(0, 5) == "False",
          "{}: expected rows one after another (C order)", where);
  std::string_view shape = value_of(header, "shape", where);
  const std::size_t close = shape.find(')');
  require(shape.substr(0, 1) == "(" && close != std::string_view::npos, "{}: no shape in its header", where);
  shape = shape.substr(1, close - 1);
  std::uint64_t size = 1;
  while (!shape.empty()) {
    const std::size_t start = shape.find_first_not_of(" ,");
    if (start == std::string_view::npos) break;
    shape = shape.substr(start);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(shape.data(), shape.data() + shape.size(), number);
    require(error == std::errc() && number >= 0 && array.shape.size() < 8, "{}: a shape ({}) that is none", where,
            shape);
    require(number == 0 || size <= text.size() / std::uint64_t(number), "{}: a shape beyond its {} bytes", where,
            text.size());
    size *= std::uint64_t(number);
    array.shape.push_back(number);
    shape = shape.substr(std::size_t(end - shape.data()));
  }
  size *= bytes_of(array.type);
  const std::size_t have = text.size() - begin - length;
  require(size == have, "{}: {} bytes of data for the shape {}, expected {}", where, have, to_string(array.shape),
          size);
  array.bytes = bytes.subspan(begin + length);
  return array;
}

std::string numpy_header(ElementType type, const TensorShape& shape) {
  std::string dictionary = "{'descr': '";
  for (const NumpyType& candidate : numpy_types) {
    if (candidate.type != type) continue;
    dictionary += candidate.name;
    break;
  }
  dictionary += "', 'fortran_order': False, 'shape': (";
  // as NumPy writes it, with a comma at the end of one length only: Marian's reader counts dimensions by commas
  for (std::size_t i = 0; i < shape.size(); ++i) {
    dictionary += (i > 0 ? ", " : "") + std::to_string(shape[i]) + (shape.size() == 1 ? "," : "");
  }
  dictionary += "), }";
  const std::size_t before = magic.size() + 4;
  while ((before + dictionary.size() + 1) % 64 != 0) dictionary += ' ';
  dictionary += '\n';
  std::string result(magic);
  result += '\1';
  result += '\0';
  result += char(dictionary.size() & 0xff);
  result += char(dictionary.size() >> 8);
  return result + dictionary;
}

}  // namespace dragoman
