#include "format/ctranslate2_file.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/error.h"
#include "format/half.h"

namespace dragoman {
namespace {

constexpr std::uint32_t newest_version = 6;
constexpr std::uint32_t newest_revision = 1000;  // of any architecture: a larger number is damage
constexpr int highest_rank = 8;
constexpr float old_int16_scale = 1000;  // of files that do not store it

/// Element types by their number in a file.
constexpr std::array stored_types{ElementType::f32, ElementType::i8,  ElementType::i16,
                                  ElementType::i32, ElementType::f16, ElementType::bf16};

/// Reads numbers and texts one after another and never past the end.
class Cursor {
 public:
  Cursor(std::span<const std::byte> bytes, const std::string& path) : bytes_(bytes), path_(path) {}

  /// What is read now, for errors.
  std::string what = "the header";

  std::span<const std::byte> take(std::uint64_t count) {
    const std::uint64_t left = bytes_.size() - place_;
    require(count <= left, "{}: truncated or damaged: {} needs {} bytes at byte {}, but only {} follow", path_, what,
            count, place_, left);
    const auto taken = bytes_.subspan(place_, std::size_t(count));
    place_ += std::size_t(count);
    return taken;
  }

  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  std::string text() {
    const auto length = number<std::uint16_t>();
    require(length > 0, "{}: {}: a text of length 0, expected at least its NUL", path_, what);
    const auto bytes = take(length);
    require(bytes.back() == std::byte(0), "{}: {}: a text of {} bytes does not end with NUL", path_, what, length);
    std::string result(reinterpret_cast<const char*>(bytes.data()), length - 1u);
    require(result.find('\0') == std::string::npos, "{}: {}: a text with a NUL inside", path_, what);
    return result;
  }

  std::size_t left() const { return bytes_.size() - place_; }

 private:
  std::span<const std::byte> bytes_;
  const std::string& path_;
  std::size_t place_ = 0;
};

ElementType type_of_size(std::uint8_t bytes, const std::string& where) {
  switch (bytes) {  // before version 4 only these
    case 4:
      return ElementType::f32;
    case 2:
      return ElementType::i16;
    case 1:
      return ElementType::i8;
    default:
      fail("{}: elements of {} bytes, expected 1, 2 or 4", where, bytes);
  }
}

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// Element `i` before any scale.
float element(const StoredTensor& v, std::size_t i) {
  const std::byte* at = v.bytes.data() + i * bytes_of(v.type);
  switch (v.type) {
    case ElementType::f32:
      return load<float>(at);
    case ElementType::f16:
      return from_f16(load<std::uint16_t>(at));
    case ElementType::bf16:
      return from_bf16(load<std::uint16_t>(at));
    case ElementType::i8:
      return load<std::int8_t>(at);
    case ElementType::i16:
      return load<std::int16_t>(at);
    default:
      return float(load<std::int32_t>(at));
  }
}

}  // namespace

CTranslate2File CTranslate2File::open(const std::string& path) {
  CTranslate2File file;
  file.path_ = path;
  file.file_.emplace(path);
  file.parse(file.file_->bytes());
  return file;
}

CTranslate2File CTranslate2File::from_bytes(std::span<const std::byte> bytes, std::string name) {
  CTranslate2File file;
  file.path_ = std::move(name);
  file.parse(bytes);
  return file;
}

void CTranslate2File::parse(std::span<const std::byte> bytes) {
  Cursor cursor(bytes, path_);
  const auto version = cursor.number<std::uint32_t>();
  require(version >= 1 && version <= newest_version,
          "{}: no model of CTranslate2 that we can read: binary version {}, expected 1 to {}", path_, version,
          newest_version);
  binary_version_ = int(version);
  if (version >= 2) {
    architecture_ = cursor.text();
    const auto revision = cursor.number<std::uint32_t>();
    require(revision >= 1 && revision <= newest_revision, "{}: revision {} of {}", path_, revision, architecture_);
    revision_ = int(revision);
  }
  cursor.what = "the number of variables";
  const auto count = cursor.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count; ++i) {
    cursor.what = fmt::format("the name of variable {} of {}", i + 1, count);
    StoredTensor variable;
    variable.name = cursor.text();
    require(!variable.name.empty(), "{}: {} is empty", path_, cursor.what);
    cursor.what = fmt::format("variable '{}'", variable.name);
    const std::string where = path_ + ": " + cursor.what;
    const int rank = cursor.number<std::uint8_t>();
    require(rank <= highest_rank, "{}: {} dimensions, expected at most {}", where, rank, highest_rank);
    std::uint64_t elements = 1;
    bool fits = true;
    for (int axis = 0; axis < rank; ++axis) {
      variable.shape.push_back(cursor.number<std::uint32_t>());
      fits = !__builtin_mul_overflow(elements, std::uint64_t(variable.shape.back()), &elements) && fits;
    }
    std::uint64_t stored = 0;
    if (version >= 4) {
      const auto type = cursor.number<std::uint8_t>();
      require(type < stored_types.size(), "{}: type {}, expected 0 to {}", where, type, stored_types.size() - 1);
      variable.type = stored_types[type];
      stored = cursor.number<std::uint32_t>();
    } else {
      const auto size = cursor.number<std::uint8_t>();
      variable.type = type_of_size(size, where);
      stored = std::uint64_t(cursor.number<std::uint32_t>()) * size;
    }
    std::uint64_t needed = 0;
    fits = fits && !__builtin_mul_overflow(elements, std::uint64_t(bytes_of(variable.type)), &needed);
    require(fits && needed == stored, "{}: {} {} in {} bytes, expected {}", where, name_of(variable.type),
            to_string(variable.shape), stored, fits ? std::to_string(needed) : "more than there can be");
    variable.bytes = cursor.take(stored);
    require(places_.emplace(variable.name, variables_.size()).second, "{}: there are two of that name", where);
    variables_.push_back(std::move(variable));
  }
  if (version >= 3) {
    cursor.what = "the number of aliases";
    const auto others = cursor.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < others; ++i) {
      cursor.what = fmt::format("alias {} of {}", i + 1, others);
      std::string alias = cursor.text(), name = cursor.text();
      require(!alias.empty() && !name.empty(), "{}: {} has an empty name", path_, cursor.what);
      require(places_.find(alias) == places_.end(), "{}: alias '{}' is also the name of a variable", path_, alias);
      const auto [place, fresh] = aliases_.emplace(std::move(alias), std::move(name));
      require(fresh, "{}: alias '{}' is given twice", path_, place->first);
    }
  }
  require(cursor.left() == 0, "{}: {} bytes follow what should be the end", path_, cursor.left());
  check_aliases();
}

void CTranslate2File::check_aliases() const {
  std::set<std::string_view> sound;  // aliases that are known to lead to a variable
  for (const auto& [alias, target] : aliases_) {
    std::set<std::string_view> chain{alias};
    std::string_view name = target;
    while (places_.find(name) == places_.end() && sound.find(name) == sound.end()) {
      const auto next = aliases_.find(name);
      require(next != aliases_.end(), "{}: alias '{}': there is no variable '{}'", path_, alias, name);
      require(chain.insert(next->first).second, "{}: alias '{}' leads back to '{}'", path_, alias, name);
      name = next->second;
    }
    sound.insert(chain.begin(), chain.end());
  }
}

const StoredTensor* CTranslate2File::find(std::string_view name) const {
  for (auto alias = aliases_.find(name); alias != aliases_.end(); alias = aliases_.find(name)) name = alias->second;
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &variables_[found->second];
}

std::vector<float> CTranslate2File::floats(std::string_view name, const std::optional<TensorShape>& shape) const {
  const StoredTensor* variable = find(name);
  require(variable != nullptr, "{}: variable '{}'{} is missing", path_, name, shape ? " " + to_string(*shape) : "");
  require(!shape || variable->shape == *shape, "{}: variable '{}': shape {}, expected {}", path_, name,
          to_string(variable->shape), shape ? to_string(*shape) : "");
  std::vector<float> values(variable->size());
  if (variable->type == ElementType::f32) {
    if (!values.empty()) std::memcpy(values.data(), variable->bytes.data(), variable->bytes.size());
    return values;
  }
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = element(*variable, i);
  if (variable->type != ElementType::i8 && variable->type != ElementType::i16) return values;

  const std::string scale_name = variable->name + "_scale";
  const StoredTensor* scale = find(scale_name);
  require(scale != nullptr || variable->type == ElementType::i16,
          "{}: variable '{}' of {} needs '{}', which is missing", path_, name, name_of(variable->type), scale_name);
  const std::size_t scales = scale == nullptr ? 1 : scale->size();
  const std::size_t rows = variable->shape.empty() ? 1 : std::size_t(variable->shape[0]);
  require(scales == 1 || scales == rows, "{}: variable '{}': {} numbers, expected 1, or one for each of {} rows", path_,
          scale_name, scales, rows);
  const std::size_t width = values.size() / std::max<std::size_t>(scales, 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] /= scale == nullptr ? old_int16_scale : element(*scale, i / width);
  }
  return values;
}

std::optional<double> CTranslate2File::number(std::string_view name) const {
  const StoredTensor* variable = find(name);
  if (variable == nullptr) return std::nullopt;
  require(variable->size() == 1, "{}: variable '{}': shape {}, expected a single number", path_, name,
          to_string(variable->shape));
  return element(*variable, 0);
}

std::optional<std::string> CTranslate2File::text(std::string_view name) const {
  const StoredTensor* variable = find(name);
  if (variable == nullptr) return std::nullopt;
  require(variable->type == ElementType::i8 && variable->shape.size() <= 1,
          "{}: variable '{}': {} {}, expected the characters of a text (I8)", path_, name, name_of(variable->type),
          to_string(variable->shape));
  return std::string(reinterpret_cast<const char*>(variable->bytes.data()), variable->bytes.size());
}

QuantizedRows quantize_rows(std::span<const float> values, std::int64_t rows) {
  assert(rows > 0 && values.size() % std::size_t(rows) == 0);
  const std::size_t width = values.size() / std::size_t(rows);
  QuantizedRows result;
  result.numbers.reserve(values.size());
  for (std::size_t row = 0; row < std::size_t(rows); ++row) {
    const std::span<const float> of_row = values.subspan(row * width, width);
    float largest = 0;
    for (const float x : of_row) largest = std::max(largest, std::fabs(x));
    if (largest == 0) largest = 127;
    largest = std::max(largest, 127 / std::numeric_limits<float>::max());  // so that the scale is finite
    const float scale = 127 / largest;
    result.scales.push_back(scale);
    for (const float x : of_row) result.numbers.push_back(std::int8_t(std::nearbyint(x * scale)));
  }
  return result;
}

QuantizedMatrix quantize_matrix(std::span<const float> values) {
  constexpr float steps = 1024;
  float largest = 0;
  for (const float x : values) largest = std::max(largest, std::fabs(x));
  if (largest == 0) largest = steps;
  QuantizedMatrix result{.numbers = {}, .scale = steps / std::max(largest, steps / std::numeric_limits<float>::max())};
  result.numbers.reserve(values.size());
  for (const float x : values) result.numbers.push_back(std::int16_t(std::nearbyint(x * result.scale)));
  return result;
}

void write_ctranslate2_file(const std::string& path, const std::string& architecture, int revision,
                            std::span<const StoredTensor> variables,
                            const std::map<std::string, std::string>& aliases) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  std::map<std::string_view, const StoredTensor*> sorted;
  for (const StoredTensor& variable : variables) {
    require(
        !variable.name.empty() && sorted.emplace(variable.name, &variable).second && !aliases.contains(variable.name),
        "cannot write {}: two variables are named '{}', or a name is empty", path, variable.name);
    require(variable.bytes.size() <= most && variable.shape.size() <= highest_rank,
            "cannot write {}: variable '{}' {} is too large for this format", path, variable.name,
            to_string(variable.shape));
    assert(std::find(stored_types.begin(), stored_types.end(), variable.type) != stored_types.end());
  }
  write_atomically(path, [&](std::ostream& out) {
    const auto number = [&](auto value) { out.write(reinterpret_cast<const char*>(&value), sizeof value); };
    const auto text = [&](std::string_view characters) {
      require(characters.size() < std::numeric_limits<std::uint16_t>::max(), "cannot write {}: a name of {} bytes",
              path, characters.size());
      number(std::uint16_t(characters.size() + 1));
      out.write(characters.data(), std::streamsize(characters.size()));
      out.put('\0');
    };
    number(newest_version);
    text(architecture);
    number(std::uint32_t(revision));
    number(std::uint32_t(sorted.size()));
    for (const auto& [name, variable] : sorted) {
      text(name);
      number(std::uint8_t(variable->shape.size()));
      for (const std::int64_t extent : variable->shape) number(std::uint32_t(extent));
      const auto type = std::find(stored_types.begin(), stored_types.end(), variable->type);
      number(std::uint8_t(type - stored_types.begin()));
      number(std::uint32_t(variable->bytes.size()));
      out.write(reinterpret_cast<const char*>(variable->bytes.data()), std::streamsize(variable->bytes.size()));
    }
    number(std::uint32_t(aliases.size()));
    for (const auto& [alias, name] : aliases) {
      text(alias);
      text(name);
    }
  });
}

}  // namespace dragoman
