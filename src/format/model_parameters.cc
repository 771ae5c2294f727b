#include "format/model_parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "format/half.h"

namespace dragoman {
namespace {

constexpr int format_version = 1;
constexpr const char *scale_suffix = ".scale", *input_scale_suffix = ".input_scale";

TensorShape stored_shape(const Shape& shape) {
  TensorShape result;
  for (int axis = 0; axis < shape.rank(); ++axis) result.push_back(shape[axis]);
  return result;
}

void check_version(const Safetensors& file) {
  const auto found = file.metadata().find("version");
  if (found == file.metadata().end()) return;  // written by another program
  int version = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  require(error == std::errc() && end == text.data() + text.size() && version == format_version,
          "{}: version '{}' of the format, expected {}", file.path(), text.substr(0, 60), format_version);
}

bool belongs_to_int8(const Safetensors& file, const std::string& name) {
  for (const std::string suffix : {scale_suffix, input_scale_suffix}) {
    if (!name.ends_with(suffix)) continue;
    const StoredTensor* of = file.find(name.substr(0, name.size() - suffix.size()));
    if (of != nullptr && of->type == ElementType::i8) return true;
  }
  return false;
}

void check_names(const Safetensors& file, const Parameters& parameters) {
  check_version(file);
  for (const Parameter& p : parameters.list()) {
    require(file.contains(p.name), "{}: tensor '{}' {} is missing", file.path(), p.name, to_string(p.shape));
  }
  for (const StoredTensor& tensor : file.tensors()) {
    require(parameters.find(tensor.name) != nullptr || belongs_to_int8(file, tensor.name),
            "{}: unexpected tensor '{}' {}: this model has none of that name", file.path(), tensor.name,
            to_string(tensor.shape));
  }
}

/// Whether there is neither an infinity nor a NaN. Looks at blocks of a fixed size, which compilers turn into vector
/// code: when a program begins this counts.
bool all_finite(std::span<const float> numbers) {
  constexpr std::size_t block = 512;
  constexpr std::uint32_t exponent = 0x7f800000;
  for (std::size_t first = 0; first < numbers.size(); first += block) {
    std::array<std::uint32_t, block> bits{};
    std::memcpy(bits.data(), numbers.data() + first, std::min(block, numbers.size() - first) * sizeof(float));
    std::uint32_t bad = 0;
    for (std::size_t i = 0; i < block; ++i) bad |= (bits[i] & exponent) == exponent ? 1u : 0u;
    if (bad != 0) return false;
  }
  return true;
}

[[noreturn]] void fail_not_finite(const Safetensors& file, const Parameter& p, std::ptrdiff_t place) {
  fail("{}: tensor '{}': number {} of {} is not finite: the file is damaged", file.path(), p.name, place + 1,
       p.shape.size());
}

void check_finite(const Safetensors& file, const Parameter& p, std::span<const float> numbers) {
  if (all_finite(numbers)) return;
  const auto bad = std::find_if_not(numbers.begin(), numbers.end(), [](float x) { return std::isfinite(x); });
  fail_not_finite(file, p, bad - numbers.begin());
}

/// Positive numbers, or with zeros.
std::vector<float> read_scales(const Safetensors& file, const std::string& name, bool zeros) {
  std::vector<float> scales = file.floats(name);
  for (const float x : scales) {
    require(std::isfinite(x) && (zeros ? x >= 0 : x > 0),
            "{}: tensor '{}' has the scale {}, expected a positive number", file.path(), name, x);
  }
  return scales;
}

/// A view of the file.
std::shared_ptr<const Int8Weights> read_int8(const Safetensors& file, const Parameter& p) {
  const StoredTensor& tensor = file.tensor(p.name);
  require(p.use != ParameterUse::other, "{}: tensor '{}' has eight bits, expected floats", file.path(), p.name);
  const TensorShape expected = {p.outputs(), p.inputs()};
  require(tensor.shape == expected, "{}: tensor '{}' has the shape {}, expected {}", file.path(), p.name,
          to_string(tensor.shape), to_string(expected));
  require(std::memchr(tensor.bytes.data(), -128, tensor.bytes.size()) == nullptr,
          "{}: tensor '{}' has the number -128, expected -127 to 127", file.path(), p.name);
  std::vector<float> scales = read_scales(file, p.name + scale_suffix, false);
  const std::size_t outputs = std::size_t(p.outputs());
  require(scales.size() == 1 || scales.size() == outputs, "{}: tensor '{}{}' has {} numbers, expected {} or 1",
          file.path(), p.name, scale_suffix, scales.size(), outputs);
  std::vector<Int8Weights::Part> parts = {{0, 0.0f}};
  if (file.contains(p.name + input_scale_suffix)) {
    const std::vector<float> inputs = read_scales(file, p.name + input_scale_suffix, true);
    require(inputs.size() == outputs, "{}: tensor '{}{}' has {} numbers, expected {}", file.path(), p.name,
            input_scale_suffix, inputs.size(), outputs);
    parts[0].activation_scale = inputs[0];
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      if (inputs[i] != inputs[i - 1]) parts.push_back({int(i), inputs[i]});
    }
    require(p.use == ParameterUse::map || parts.size() == 1,
            "{}: tensor '{}{}': expected the same number for all words", file.path(), p.name, input_scale_suffix);
  }
  const std::span numbers(reinterpret_cast<const std::int8_t*>(tensor.bytes.data()), tensor.bytes.size());
  return std::make_shared<Int8Weights>(p.outputs(), p.inputs(), numbers, std::move(scales), std::move(parts),
                                       file.owner());
}

/// The numbers in the order of the parameter's shape.
void read_as_floats(const Int8Weights& weights, const Parameter& p, std::span<float> out) {
  std::vector<float> row(static_cast<std::size_t>(p.inputs()));
  for (int o = 0; o < p.outputs(); ++o) {
    weights.row_values(o, 1, row.data());
    for (int i = 0; i < p.inputs(); ++i) {
      out[std::size_t(p.use == ParameterUse::table ? o * p.inputs() + i : i * p.outputs() + o)] = row[std::size_t(i)];
    }
  }
}

void read_floats(const Safetensors& file, const Parameter& p, std::span<float> out) {
  if (file.tensor(p.name).type == ElementType::i8) return read_as_floats(*read_int8(file, p), p, out);
  file.read_floats(p.name, out, stored_shape(p.shape));
  check_finite(file, p, out);
}

/// A view of the file, if its numbers are such ones and lie where they may.
template <class T>
std::shared_ptr<const T> view(const Safetensors& file, const Parameter& p, ElementType type) {
  const StoredTensor& tensor = file.tensor(p.name);
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(T) == 0;
  if (tensor.type != type || !is_aligned || tensor.shape != stored_shape(p.shape) || file.owner() == nullptr) return {};
  return {file.owner(), reinterpret_cast<const T*>(tensor.bytes.data())};
}

std::shared_ptr<const float> view_floats(const Safetensors& file, const Parameter& p) {
  auto numbers = view<float>(file, p, ElementType::f32);
  if (numbers != nullptr) check_finite(file, p, {numbers.get(), std::size_t(p.shape.size())});
  return numbers;
}

std::shared_ptr<const std::uint16_t> view_bfloat16(const Safetensors& file, const Parameter& p) {
  auto numbers = view<std::uint16_t>(file, p, ElementType::bf16);
  if (numbers == nullptr || p.use == ParameterUse::other) return {};
  const std::span all(numbers.get(), std::size_t(p.shape.size()));
  const auto bad = std::find_if(all.begin(), all.end(), [](std::uint16_t x) { return (x & 0x7f80) == 0x7f80; });
  if (bad != all.end()) fail_not_finite(file, p, bad - all.begin());
  return numbers;
}

/// Numbers as they are stored in sixteen bits.
std::vector<std::byte> rounded(std::span<const float> values, ElementType type, const std::string& what) {
  std::vector<std::byte> bytes(values.size() * sizeof(std::uint16_t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool brain = type == ElementType::bf16;
    const std::uint16_t bits = brain ? to_bf16(values[i]) : to_f16(values[i]);
    require(std::isfinite(brain ? from_bf16(bits) : from_f16(bits)), "{}: number {} is {}, too large for {}", what,
            i + 1, values[i], brain ? "bfloat16" : "float16");
    std::memcpy(bytes.data() + i * sizeof bits, &bits, sizeof bits);
  }
  return bytes;
}

}  // namespace

void map_parameters(const Safetensors& file, Parameters& parameters, StoredWeights weights) {
  check_names(file, parameters);
  for (std::size_t i = 0; i < parameters.list().size(); ++i) {
    const Parameter& p = parameters.list()[i];
    if (file.tensor(p.name).type == ElementType::i8 && weights == StoredWeights::as_stored) {
      parameters.set_int8(int(i), read_int8(file, p));
    } else if (auto numbers = weights == StoredWeights::bfloat16 ? view_bfloat16(file, p) : nullptr) {
      parameters.set_bfloat16(int(i), std::move(numbers));
    } else if (auto floats = view_floats(file, p)) {
      parameters.set_elsewhere(int(i), std::move(floats));
    }
  }
  parameters.allocate();
  for (const Parameter& p : parameters.list()) {
    if (p.offset >= 0) read_floats(file, p, parameters.values_of(p));
  }
}

void load_parameters(const std::string& path, Parameters& parameters) {
  require(file_exists(path), "{}: no such file", path);
  const Safetensors file = Safetensors::open(path);
  check_names(file, parameters);
  std::vector<float> values(parameters.values().size());
  for (const Parameter& p : parameters.list()) {
    read_floats(file, p, std::span(values).subspan(std::size_t(p.offset), std::size_t(p.shape.size())));
  }
  std::copy(values.begin(), values.end(), parameters.values().begin());
}

void save_parameters(const std::string& path, const Parameters& layout, std::span<const float> values,
                     ElementType type) {
  std::vector<StoredTensor> tensors;
  tensors.reserve(layout.list().size());
  std::deque<std::vector<float>> kept;
  std::deque<std::vector<std::byte>> kept_rounded;
  for (const Parameter& p : layout.list()) {
    if (p.int8 != nullptr) {
      const Int8Weights& w = *p.int8;
      tensors.push_back({p.name, ElementType::i8, {w.outputs(), w.inputs()}, std::as_bytes(w.rows())});
      std::vector<float> scales, inputs(std::size_t(w.outputs()));
      for (int o = 0; o < w.outputs(); ++o) scales.push_back(w.scale(o));
      bool fixed = false;
      for (const Int8Weights::Part& part : w.parts()) {
        std::fill(inputs.begin() + part.first, inputs.end(), part.activation_scale);
        fixed |= part.activation_scale > 0;
      }
      tensors.push_back(stored_floats(p.name + scale_suffix, {w.outputs()}, kept.emplace_back(std::move(scales))));
      if (fixed) {
        tensors.push_back(
            stored_floats(p.name + input_scale_suffix, {w.outputs()}, kept.emplace_back(std::move(inputs))));
      }
      continue;
    }
    const auto own = p.elsewhere != nullptr ? layout.floats_of(p)
                                            : values.subspan(std::size_t(p.offset), std::size_t(p.shape.size()));
    if (type != ElementType::f32 && p.use != ParameterUse::other) {
      const auto& bytes = kept_rounded.emplace_back(rounded(own, type, path + ": tensor '" + p.name + "'"));
      tensors.push_back({p.name, type, stored_shape(p.shape), bytes});
    } else {
      tensors.push_back(stored_floats(p.name, stored_shape(p.shape), own));
    }
  }
  write_safetensors(path, tensors, {{"format", "dragoman"}, {"version", std::to_string(format_version)}});
}

}  // namespace dragoman
