#include "train/checkpoint.h"

#include <vector>

#include "format/safetensors.h"

namespace dragoman {

std::string training_state_path(const std::string& directory) { return directory + "/training.safetensors"; }

std::string layout_of(const Parameters& parameters) {
  std::string text;
  for (const Parameter& p : parameters.list()) text += p.name + " " + to_string(p.shape) + "\n";
  return text;
}

void save_training_state(const std::string& path, std::span<const NamedBlock> blocks, const SavedFields& fields) {
  std::vector<StoredTensor> tensors;
  for (const NamedBlock& block : blocks) {
    tensors.push_back(stored_floats(block.name, {std::int64_t(block.values.size())}, block.values));
  }
  write_safetensors(path, tensors, fields.texts());
}

SavedFields load_training_state(const std::string& path, std::span<const NamedBlock> blocks) {
  const Safetensors file = Safetensors::open(path);
  for (const NamedBlock& block : blocks) {
    file.read_floats(block.name, block.values, TensorShape{std::int64_t(block.values.size())});
  }
  return {file.metadata(), path};
}

SavedFields load_training_facts(const std::string& path) { return {Safetensors::open(path).metadata(), path}; }

}  // namespace dragoman
