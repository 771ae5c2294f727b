#include "train/average.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "format/safetensors.h"

namespace dragoman {
namespace {

bool is_float(ElementType type) {
  return type == ElementType::f32 || type == ElementType::f64 || type == ElementType::f16 || type == ElementType::bf16;
}

/// The tensor `like.name` of `file`, which must look like `like`, a tensor of `first`.
const StoredTensor& matching(const Safetensors& file, const StoredTensor& like, const Safetensors& first) {
  const StoredTensor& tensor = file.tensor(like.name);
  require(tensor.shape == like.shape, "{}: tensor '{}': shape {}, but {} in {}", file.path(), like.name,
          to_string(tensor.shape), to_string(like.shape), first.path());
  require(is_float(tensor.type) == is_float(like.type), "{}: tensor '{}': type {}, but {} in {}", file.path(),
          like.name, name_of(tensor.type), name_of(like.type), first.path());
  return tensor;
}

}  // namespace

void average_checkpoints(std::span<const std::string> files, const std::string& to) {
  require(!files.empty(), "cannot average checkpoints: there are none");
  std::vector<Safetensors> opened;
  for (const std::string& file : files) opened.push_back(Safetensors::open(file));
  const Safetensors& first = opened.front();
  for (const Safetensors& file : opened) {
    require(file.tensors().size() == first.tensors().size(), "{}: {} tensors, but {} in {}", file.path(),
            file.tensors().size(), first.tensors().size(), first.path());
  }

  std::vector<std::vector<float>> averages;
  std::vector<StoredTensor> tensors;
  averages.reserve(first.tensors().size());  // `tensors` views them
  for (const StoredTensor& tensor : first.tensors()) {
    if (!is_float(tensor.type)) {
      for (const Safetensors& file : opened) {
        const StoredTensor& other = matching(file, tensor, first);
        require(other.type == tensor.type && std::ranges::equal(other.bytes, tensor.bytes),
                "{}: tensor '{}' is not the same as in {}, and {} cannot be averaged", file.path(), tensor.name,
                first.path(), name_of(tensor.type));
      }
      tensors.push_back(tensor);
      continue;
    }
    std::vector<double> sum(tensor.size());
    std::vector<float> values(tensor.size());
    for (const Safetensors& file : opened) {
      matching(file, tensor, first);
      file.read_floats(tensor.name, values);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += values[i];
    }
    for (std::size_t i = 0; i < sum.size(); ++i) values[i] = float(sum[i] / double(opened.size()));
    tensors.push_back(stored_floats(tensor.name, tensor.shape, averages.emplace_back(std::move(values))));
  }
  write_safetensors(to, tensors, opened.back().metadata());
}

}  // namespace dragoman
