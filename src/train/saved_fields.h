#pragma once
// The small facts of a training run that a checkpoint holds beside its tensors, as texts under names.

#include <cstdint>
#include <map>
#include <string>

namespace dragoman {

/// Facts by name, as they stand in a checkpoint's metadata. Numbers are written so that they read back as the same
/// bits.
class SavedFields {
 public:
  static constexpr std::uint64_t largest_count = 1'000'000'000'000'000'000;  ///< room to count on, and in an int64_t

  SavedFields() = default;
  /// `where` is named in errors: the checkpoint's path.
  SavedFields(std::map<std::string, std::string> texts, std::string where)
      : texts_(std::move(texts)), where_(std::move(where)) {}

  const std::map<std::string, std::string>& texts() const { return texts_; }
  bool contains(const std::string& name) const { return texts_.count(name) > 0; }

  void set(const std::string& name, std::string text) { texts_[name] = std::move(text); }
  void set_integer(const std::string& name, std::uint64_t value);
  void set_number(const std::string& name, double value);  ///< infinities and NaN too

  /// Throw Error naming the checkpoint and the field, if it is missing or is no such value.
  const std::string& text(const std::string& name) const;
  std::uint64_t integer(const std::string& name, std::uint64_t most = largest_count) const;
  double number(const std::string& name) const;

 private:
  std::map<std::string, std::string> texts_;
  std::string where_ = "training state";
};

}  // namespace dragoman
