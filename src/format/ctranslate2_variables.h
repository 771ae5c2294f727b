#pragma once
// The variables of a Transformer in model.bin under the names of the newest revision, whatever its own is.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "format/ctranslate2_file.h"

namespace dragoman {

/// Looks variables up and remembers which were asked for, so that those that nobody understands can be named: each may
/// change what the model computes.
class CTranslate2Variables {
 public:
  /// `file` must outlive the object. Throws Error if it is no Transformer encoder-decoder.
  explicit CTranslate2Variables(const CTranslate2File& file);

  const std::string& path() const { return file_.path(); }
  bool contains(const std::string& name) const { return names_.contains(name); }
  /// Throws Error if there is none of that name.
  const TensorShape& shape(const std::string& name) const;

  /// As those of CTranslate2File; a number that is missing is `otherwise`. Floats that are not finite are an Error too.
  std::vector<float> floats(const std::string& name, const TensorShape& shape);
  double number(const std::string& name, double otherwise);
  std::string text(const std::string& name, const std::string& otherwise);
  const StoredTensor* find(const std::string& name);

  /// Heads of attention that models have which do not say it.
  int usual_heads() const { return file_.architecture() == "TransformerBig" ? 16 : 8; }

  /// Throws Error naming a variable that was never asked for.
  void require_all_used() const;

 private:
  const CTranslate2File& file_;
  std::map<std::string, std::string> names_;  ///< newest name -> name in the file
  std::set<std::string> used_;                ///< newest names
};

}  // namespace dragoman
