#pragma once
// The keys of those who may ask.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

struct ApiKey {
  std::string key;
  std::string name;              ///< for logs and metrics
  std::optional<int> req_limit;  ///< requests a minute, instead of the server's; -1: no limit
};

/// Lines "KEY [NAME [REQUESTS A MINUTE]]" between white space; # begins a comment. A key without a name is called by
/// its line.
class ApiKeys {
 public:
  ApiKeys() = default;
  /// Throws Error naming file and line.
  explicit ApiKeys(const std::string& path);

  bool empty() const { return keys_.empty(); }
  /// Null: there is no such key. Takes as long whatever the key is like.
  const ApiKey* find(std::string_view key) const;

 private:
  std::vector<ApiKey> keys_;
};

}  // namespace dragoman
