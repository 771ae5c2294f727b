#pragma once
// Settings described once: name, kind, default, help and limits. YAML files, --set, long options, --help, --dump-config
// and the documentation all come from this description.

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/words.h"
#include "dragoman/training_options.h"

namespace dragoman {

/// The value of a setting as written by a user, before its kind is known. A `plain` value is one unquoted text, which
/// a list setting splits at white space, as in "devices: 0 1 2 3"; otherwise each text is one element.
struct SettingText {
  std::vector<std::string> texts;
  bool plain = false;
};

/// All that may be said about a setting besides its name, variable and help.
struct FieldLimits {
  char short_name = 0;
  std::string implicit = {};                              ///< the value of the bare option, and of "true" in a file
  std::vector<std::string> values = {};                   ///< the only texts allowed, for lists of each element
  double min = -std::numeric_limits<double>::infinity();  ///< smallest number, for lists of each element
  double max = std::numeric_limits<double>::infinity();
  std::function<void(const std::string& text)> check = {};  ///< throws Error for a bad text or element
  char separator = 0;                                       ///< a list may also be separated by this
  bool is_path = false;                                     ///< names a file or folder (or stdin, stdout, -)
  bool only_first_is_path = false;                          ///< of a list: numbers follow the path
  bool is_about_reading = false;  ///< says how settings are read (config, relative-paths): never dumped
};

/// A setting bound to the variable that holds its value.
struct Field {
  using Target = std::variant<bool*, int*, std::int64_t*, std::uint64_t*, double*, std::string*,
                              std::vector<std::string>*, std::vector<int>*, std::vector<double>*, Period*>;
  std::string name;
  std::string help;
  std::string group;  ///< the topic under which --help shows it
  FieldLimits limits;
  Target target;
  std::string default_yaml;
  bool is_given = false;  ///< set() was called

  bool is_list() const;
  bool is_flag() const { return std::holds_alternative<bool*>(target); }

  /// What the value must be, in words: "a whole number from 1", "one of relu, gelu, swish".
  std::string expected() const;

  /// The value as YAML on one line; reading it back gives the same value.
  std::string yaml() const;
};

/// An ordered collection of settings, bound by reference to the members of option structs that must outlive it.
class Fields {
 public:
  /// Settings added from here on belong to this topic.
  void group(std::string name) { group_ = std::move(name); }

  /// Describes a setting; its default is the variable's value now.
  void add(std::string name, Field::Target target, std::string help, FieldLimits limits = {});
  template <class T>
  void add(std::string name, T& variable, std::string help, FieldLimits limits = {}) {
    add(std::move(name), Field::Target(&variable), std::move(help), std::move(limits));
  }

  /// Adds a setting as described elsewhere.
  void add(const Field& field) { fields_.push_back(field); }

  /// Gives a setting a value. Throws Error that starts with `where` and says what was expected and what was found; the
  /// variable then keeps its value. An unknown name is an error that suggests the nearest.
  void set(const std::string& name, const SettingText& value, const std::string& where);

  /// The setting of this name, or null.
  const Field* find(std::string_view name) const;
  bool is_given(std::string_view name) const;

  const std::vector<Field>& all() const { return fields_; }
  std::vector<std::string> names() const;

 private:
  std::string group_;
  std::vector<Field> fields_;
};

}  // namespace dragoman
