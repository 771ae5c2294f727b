#pragma once
// The languages that the server translates between, by their codes.

#include <string>
#include <vector>

#include "dragoman/service.h"
#include "server/json.h"

namespace dragoman {

class LanguageTable {
 public:
  explicit LanguageTable(std::vector<TranslationDirection> directions);

  /// The languages that are translated from, in alphabetical order of their codes.
  const std::vector<std::string>& sources() const { return sources_; }
  const std::vector<std::string>& targets() const { return targets_; }

  /// A code as the models spell it: the same, else the same but for case, else the only one of its language ("pt" and
  /// "pt-BR"). Throws HttpError 400.
  std::string find_source(const std::string& code) const;
  std::string find_target(const std::string& code) const;

  /// For a text that stays as it is: throws HttpError 400 unless the code is of any of the languages.
  void check_known(const std::string& code) const;

  bool has(const std::string& source, const std::string& target) const;
  /// Throws HttpError 400, naming what can be reached, unless there is a way from the one to the other.
  void check(const std::string& source, const std::string& target) const;

  /// What /languages answers: [{"code", "name", "targets", "pivots"?}].
  Json json() const;

 private:
  std::vector<TranslationDirection> directions_;
  std::vector<std::string> sources_, targets_;
};

}  // namespace dragoman
