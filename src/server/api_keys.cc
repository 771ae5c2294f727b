#include "server/api_keys.h"

#include <charconv>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "base/words.h"
#include "server/http.h"

namespace dragoman {
namespace {

constexpr std::size_t shortest_key = 16;  // what cannot be guessed through a network

ApiKey parse_key(const std::vector<std::string>& words, const std::string& where) {
  require(words.size() <= 3, "{}: expected a key, its name and its requests a minute, found {} words", where,
          words.size());
  // A key is a secret: a message does not repeat it.
  require(words[0].size() >= shortest_key, "{}: expected a key of at least {} characters, found one of {}", where,
          shortest_key, words[0].size());
  ApiKey key{
      .key = words[0], .name = words.size() > 1 ? words[1] : where.substr(where.rfind(' ') + 1), .req_limit = {}};
  if (words.size() == 3) {
    int limit = 0;
    const char* end = words[2].data() + words[2].size();
    const auto [read, error] = std::from_chars(words[2].data(), end, limit);
    require(error == std::errc() && read == end && limit >= -1, "{}: expected requests a minute, found '{}'", where,
            words[2]);
    key.req_limit = limit;
  }
  return key;
}

}  // namespace

ApiKeys::ApiKeys(const std::string& path) {
  std::istringstream lines(read_file(path));
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::string where = fmt::format("{} line {}", path, ++number);
    const auto words = split_words(line.substr(0, line.find('#')));
    if (!words.empty()) keys_.push_back(parse_key(words, where));
  }
  require(!keys_.empty(), "{}: expected API keys, one a line, found none", path);
}

const ApiKey* ApiKeys::find(std::string_view key) const {
  const ApiKey* found = nullptr;
  for (const ApiKey& candidate : keys_) {
    if (equal_in_constant_time(candidate.key, key)) found = &candidate;
  }
  return found;
}

}  // namespace dragoman
