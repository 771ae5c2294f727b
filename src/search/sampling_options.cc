#include <charconv>
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "search/sampling.h"

namespace dragoman {

namespace {

template <class Number>
bool parse(const std::string& word, Number& value) {
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, value);
  return error == std::errc() && rest == end;
}

double parse_number(const std::string& word, const char* field, const char* expected, bool (*valid)(double)) {
  double value = 0;
  require(parse(word, value) && std::isfinite(value) && valid(value), "output-sampling: {} \"{}\", expected {}", field,
          word, expected);
  return value;
}

std::vector<std::string> words_of(const std::vector<std::string>& setting) {
  std::vector<std::string> words;
  for (const std::string& text : setting) {
    std::istringstream stream(text);
    for (std::string word; stream >> word;) words.push_back(word);
  }
  return words;
}

}  // namespace

std::optional<Sampling> parse_sampling(const std::vector<std::string>& setting) {
  const std::vector<std::string> words = words_of(setting);
  if (words.empty() || words[0] == "0" || words[0] == "false") return std::nullopt;
  Sampling sampling;
  std::size_t next = 1;
  const auto more = [&] { return next < words.size(); };
  if (words[0] == "full" || words[0] == "1" || words[0] == "true") {
    sampling.method = Sampling::Method::full;
  } else if (words[0] == "topk") {
    sampling.method = Sampling::Method::topk;
    if (more()) {
      require(parse(words[next], sampling.size) && sampling.size >= 1,
              "output-sampling: size of topk \"{}\", expected a whole number above 0", words[next]);
      ++next;
    }
  } else if (words[0] == "nucleus") {
    sampling.method = Sampling::Method::nucleus;
    sampling.threshold = 0.9;
    if (more()) {
      sampling.threshold = parse_number(words[next++], "probability of nucleus", "a number above 0 and up to 1",
                                        [](double p) { return p > 0 && p <= 1; });
    }
  } else if (words[0] == "epsilon") {
    sampling.method = Sampling::Method::epsilon;
    sampling.threshold = 0.02;
    if (more()) {
      sampling.threshold = parse_number(words[next++], "probability of epsilon", "a number from 0 to 1",
                                        [](double p) { return p >= 0 && p <= 1; });
    }
  } else {
    fail("output-sampling: method \"{}\", expected full, topk, nucleus or epsilon", words[0]);
  }
  if (more()) {
    sampling.temperature =
        parse_number(words[next++], "temperature", "a number above 0", [](double t) { return t > 0; });
  }
  require(!more(), "output-sampling: \"{}\" is one value too many for {}", more() ? words[next] : "", words[0]);
  return sampling;
}

}  // namespace dragoman
