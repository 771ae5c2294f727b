#include "format/ctranslate2_variables.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/error.h"

namespace dragoman {
namespace {

/// Names of revision 1 are OpenNMT-tf's.
std::string newest_name(std::string name) {
  const auto replace = [&name](std::string_view from, std::string_view to) {
    const std::size_t place = name.find(from);
    if (place != std::string::npos) name.replace(place, from.size(), to);
  };
  replace("transformer/", "");
  replace(":0", "");
  replace("w_embs", "embeddings/weight");
  replace("kernel", "weight");
  replace("LayerNorm", "layer_norm");
  replace("dense", "projection");
  replace("conv1d_", "linear_");
  replace("conv1d", "linear_0");
  if (name.find("encoder") != std::string::npos) {
    replace("multi_head", "self_attention");
  } else {
    replace("masked_multi_head", "self_attention");
    replace("multi_head", "attention");
  }
  return name;
}

}  // namespace

CTranslate2Variables::CTranslate2Variables(const CTranslate2File& file) : file_(file) {
  constexpr int newest_revision = 7;
  const std::string& architecture = file.architecture();
  require(architecture.empty() || architecture == "TransformerSpec" || architecture == "TransformerBase" ||
              architecture == "TransformerBig",
          "{}: the architecture is '{}', expected an encoder-decoder (TransformerSpec)", path(), architecture);
  require(file.revision() <= newest_revision, "{}: revision {} of TransformerSpec is newer than what we know ({})",
          path(), file.revision(), newest_revision);
  const auto add = [&](const std::string& name) {
    const std::string newest = file.revision() == 1 ? newest_name(name) : name;
    require(names_.emplace(newest, name).second, "{}: two variables are what is called '{}' now", path(), newest);
  };
  for (const StoredTensor& variable : file.variables()) add(variable.name);
  for (const auto& [alias, name] : file.aliases()) add(alias);
  if (file.revision() >= 5) return;
  const auto move = [&](const std::string& from, std::initializer_list<const char*> to) {  // once for both sides
    const auto found = names_.find(from);
    if (found == names_.end()) return;
    const std::string name = found->second;
    names_.erase(found);
    for (const char* newest : to) names_.emplace(newest, name);
  };
  for (const std::string name : {"num_heads", "pre_norm", "activation"}) {
    move(name, {("encoder/" + name).c_str(), ("decoder/" + name).c_str()});
  }
  move("embeddings_merge", {"encoder/embeddings_merge"});
  move("alignment_layer", {"decoder/alignment_layer"});
  move("alignment_heads", {"decoder/alignment_heads"});
}

const StoredTensor* CTranslate2Variables::find(const std::string& name) {
  const auto found = names_.find(name);
  if (found == names_.end()) return nullptr;
  used_.insert(name);
  return file_.find(found->second);
}

const TensorShape& CTranslate2Variables::shape(const std::string& name) const {
  const auto found = names_.find(name);
  require(found != names_.end(), "{}: variable '{}' is missing", path(), name);
  return file_.find(found->second)->shape;
}

std::vector<float> CTranslate2Variables::floats(const std::string& name, const TensorShape& shape) {
  const auto found = names_.find(name);
  require(found != names_.end(), "{}: variable '{}' {} is missing", path(), name, to_string(shape));
  used_.insert(name);
  std::vector<float> values = file_.floats(found->second, shape);
  const auto bad = std::find_if_not(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
  require(bad == values.end(), "{}: variable '{}': number {} of {} is not finite: the file is damaged", path(), name,
          bad - values.begin() + 1, values.size());
  return values;
}

double CTranslate2Variables::number(const std::string& name, double otherwise) {
  const auto found = names_.find(name);
  if (found == names_.end()) return otherwise;
  used_.insert(name);
  const double value = file_.number(found->second).value_or(otherwise);
  require(std::isfinite(value), "{}: variable '{}' is not finite", path(), name);
  return value;
}

std::string CTranslate2Variables::text(const std::string& name, const std::string& otherwise) {
  const auto found = names_.find(name);
  if (found == names_.end()) return otherwise;
  used_.insert(name);
  return file_.text(found->second).value_or(otherwise);
}

void CTranslate2Variables::require_all_used() const {
  constexpr std::string_view scale = "_scale";
  for (const auto& [name, stored] : names_) {
    const bool is_scale = name.ends_with(scale) && used_.contains(name.substr(0, name.size() - scale.size()));
    require(is_scale || used_.contains(name),
            "{}: variable '{}': our Transformer has nothing like it, so that it would compute something else", path(),
            name);
  }
}

}  // namespace dragoman
