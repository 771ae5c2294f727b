#include "fuzz/mutate.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace dragoman::fuzz {
namespace {

constexpr std::size_t largest = 1 << 18;  // larger mutants would only be slower ones

/// One change of a file after another.
class Mutation {
 public:
  Mutation(std::string bytes, const std::string& other, const FileForm& form, Random& random)
      : bytes_(std::move(bytes)), other_(other), form_(form), random_(random) {}

  std::string run() {
    const std::uint64_t changes = random_.below(2) == 0 ? 1 : 1 + random_.below(4);
    for (std::uint64_t change = 0; change < changes; ++change) {
      const bool as_text = !form_.words.empty() && random_.below(form_.is_text ? 10 : 4) < (form_.is_text ? 7u : 1u);
      if (bytes_.empty()) {
        bytes_ = other_;
      } else if (as_text) {
        change_text();
      } else {
        change_bytes();
      }
      if (bytes_.size() > largest) bytes_.resize(largest);
    }
    return std::move(bytes_);
  }

 private:
  std::size_t place() { return random_.below(bytes_.size()); }
  /// Mostly short, now and then anything up to `most`.
  std::size_t length(std::size_t most) {
    const std::size_t usual = random_.below(3) == 0 ? most : std::min<std::size_t>(most, 32);
    return usual == 0 ? 0 : 1 + random_.below(usual);
  }
  template <class List>
  const auto& any_of(const List& list) {
    return list[random_.below(std::size(list))];
  }

  void change_bytes() {
    const std::size_t at = place();
    switch (random_.below(16)) {
      case 0:
      case 1:
      case 2:
        bytes_[at] = char(bytes_[at] ^ (1 << random_.below(8)));
        break;
      case 3:
      case 4:
        bytes_[at] = any_of("\x00\xff\x7f\x80\x01\xfe\x20\x0a");
        break;
      case 5:
        bytes_[at] = char(random_.next());
        break;
      case 6:
      case 7:
      case 8:
      case 9:
        set_number(at);
        break;
      case 10:
        if (random_.below(3) == 0) bytes_.resize(at);
        break;
      case 11:
        extend();
        break;
      case 12:
        bytes_.erase(at, length(bytes_.size() - at));
        break;
      case 13: {  // a copy, put between or over
        const std::string part = bytes_.substr(at, length(bytes_.size() - at));
        const std::size_t to = place();
        bytes_.replace(to, random_.below(2) == 0 ? 0 : part.size(), part);
        break;
      }
      case 14:
        if (random_.below(4) == 0) repeat(at);
        break;
      default:
        splice(at);
    }
  }

  /// A whole number of one to eight bytes, where a length or an offset may be.
  void set_number(std::size_t at) {
    const std::size_t width = std::size_t(1) << random_.below(4);
    if (bytes_.size() < width) return;
    at = std::min(at, bytes_.size() - width);
    if (random_.below(2) == 0) at -= at % width;
    std::uint64_t old = 0;
    std::memcpy(&old, bytes_.data() + at, width);
    const std::uint64_t edge = std::uint64_t(1) << random_.below(64);
    const std::uint64_t values[] = {0,
                                    1,
                                    edge,
                                    edge - 1,
                                    edge + 1,
                                    ~std::uint64_t(0),
                                    -edge,
                                    old + 1,
                                    old - 1,
                                    old * 2,
                                    -old,
                                    bytes_.size(),
                                    old ^ 1,
                                    old + edge,
                                    old / 2,
                                    bytes_.size() - at,
                                    random_.below(256),
                                    random_.next()};
    const std::uint64_t value = any_of(values);
    std::memcpy(bytes_.data() + at, &value, width);
  }

  void extend() {
    const std::size_t more = length(600);
    switch (random_.below(3)) {
      case 0:
        bytes_.append(more, '\0');
        break;
      case 1:
        bytes_ += bytes_.substr(bytes_.size() - std::min(more, bytes_.size()));
        break;
      default:
        for (std::size_t i = 0; i < more; ++i) bytes_ += char(random_.next());
    }
  }

  /// Brackets in brackets, a list that goes on and on.
  void repeat(std::size_t at) {
    const std::string part = bytes_.substr(at, 1 + random_.below(8));
    const std::size_t times = std::size_t(1) << random_.below(15);
    std::string all;
    for (std::size_t i = 0; i < times && all.size() < largest; ++i) all += part;
    bytes_.insert(at, all);
  }

  void splice(std::size_t at) {
    if (other_.empty()) return;
    const std::size_t from = random_.below(other_.size());
    if (random_.below(2) == 0) {
      bytes_ = bytes_.substr(0, at) + other_.substr(from);
    } else {
      const std::string part = other_.substr(from, length(other_.size() - from));
      bytes_.replace(at, part.size(), part);
    }
  }

  void change_text() {
    const std::size_t at = place();
    switch (random_.below(10)) {
      case 0:
      case 1:
      case 2:
        change_number(at);
        break;
      case 3:
        bytes_.insert(at, any_of(form_.words));
        break;
      case 4:
        exchange_words(at);
        break;
      case 5:
        change_line(at);
        break;
      case 6:
        double_member(at);
        break;
      case 7:
        bytes_[at] = any_of("{}[]():,.'\"\\\n\r\t #&*!|>-?%@`~\x00\xc3\xff");
        break;
      case 8:
        bytes_.insert(at, 1, any_of("{}[]():,.'\"\\\n\r\t #&*!|>-?%@`~\x00\xc3\xff"));
        break;
      default:
        change_bytes();
    }
  }

  static bool is_of_number(char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e'; }

  /// The next number becomes one that is hard to bear.
  void change_number(std::size_t at) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto found = std::find_if(bytes_.begin() + std::ptrdiff_t(at), bytes_.end(), digit);
    if (found == bytes_.end()) return;
    const auto end = std::find_if_not(found, bytes_.end(), is_of_number);
    static const std::string values[] = {"0",
                                         "1",
                                         "-1",
                                         "2",
                                         "3",
                                         "-0",
                                         "7",
                                         "255",
                                         "256",
                                         "32768",
                                         "65536",
                                         "1000000",
                                         "2147483647",
                                         "-2147483648",
                                         "2147483648",
                                         "4294967295",
                                         "4294967296",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "18446744073709551615",
                                         "18446744073709551616",
                                         "99999999999999999999999",
                                         "0.5",
                                         "-0.5",
                                         "1e300",
                                         "-1e300",
                                         "1e-300",
                                         "1e999",
                                         "nan",
                                         "NaN",
                                         "-nan",
                                         "inf",
                                         "-inf",
                                         ".inf",
                                         ".nan",
                                         "Infinity",
                                         "0x10",
                                         "1e",
                                         "--1",
                                         "1.",
                                         ".",
                                         "",
                                         "1_000",
                                         "0o7"};
    bytes_.replace(found, end, any_of(values));
  }

  static bool is_of_word(char c) { return c > ' ' && std::strchr("{}[](),:'\"=/", c) == nullptr; }

  /// Where the word at or after a place begins and how long it is.
  std::pair<std::size_t, std::size_t> word_at(std::size_t at) const {
    while (at > 0 && is_of_word(bytes_[at - 1])) --at;
    while (at < bytes_.size() && !is_of_word(bytes_[at])) ++at;
    std::size_t end = at;
    while (end < bytes_.size() && is_of_word(bytes_[end])) ++end;
    return {at, end - at};
  }

  void exchange_words(std::size_t at) {
    const auto [to, old] = word_at(at);
    if (random_.below(3) == 0) {
      bytes_.replace(to, old, any_of(form_.words));
      return;
    }
    const auto [from, size] = word_at(place());
    bytes_.replace(to, old, bytes_.substr(from, size));
  }

  /// A line vanishes, comes twice, or comes somewhere else.
  void change_line(std::size_t at) {
    const std::size_t before = bytes_.rfind('\n', at), begin = before == std::string::npos ? 0 : before + 1;
    const std::size_t end = std::min(bytes_.find('\n', begin), bytes_.size() - 1) + 1;
    if (begin >= bytes_.size() || end <= begin) return;
    const std::string line = bytes_.substr(begin, end - begin);
    switch (random_.below(3)) {
      case 0:
        bytes_.erase(begin, line.size());
        break;
      case 1:
        bytes_.insert(begin, line);
        break;
      default: {
        const std::size_t other = bytes_.find('\n', place());
        bytes_.insert(other == std::string::npos ? 0 : other + 1, line);
      }
    }
  }

  /// What stands between two commas comes twice: a key that is there already, one number too many.
  void double_member(std::size_t at) {
    const std::size_t comma = bytes_.find(',', at);
    const std::size_t next = comma == std::string::npos ? comma : bytes_.find(',', comma + 1);
    if (next != std::string::npos) bytes_.insert(comma, bytes_.substr(comma, next - comma));
  }

  std::string bytes_;
  const std::string& other_;
  const FileForm& form_;
  Random& random_;
};

}  // namespace

std::string mutate(const std::string& seed, const std::string& other, const FileForm& form, Random& random) {
  return Mutation(seed, other, form, random).run();
}

}  // namespace dragoman::fuzz
