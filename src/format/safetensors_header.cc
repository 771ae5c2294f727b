#include "format/safetensors_header.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;

/// Takes the parser's events. A document tree would silently keep one of two equal keys, and would build whatever
/// nesting it is given.
class HeaderReader : public Json::json_sax_t {
 public:
  HeaderReader(SafetensorsHeader& header, const std::string& path) : header_(header), path_(path) {}

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a truth value"); }
  bool number_integer(number_integer_t value) override { return unexpected(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return unexpected(text); }
  bool binary(binary_t&) override { return unexpected("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ == Place::shape) {
      require(value <= std::uint64_t(std::numeric_limits<std::int64_t>::max()), "{}: {}: the extent {} is too large",
              path_, where(), value);
      entry().shape.push_back(std::int64_t(value));
      return true;
    }
    if (place_ == Place::offsets) {
      require(offsets_ < 2, "{}: {}: more than two data_offsets", path_, where());
      (offsets_++ == 0 ? entry().begin : entry().end) = value;
      return true;
    }
    return unexpected(std::to_string(value));
  }

  bool string(string_t& value) override {
    if (place_ == Place::metadata) {
      header_.metadata.emplace(key_, value);
    } else if (place_ == Place::tensor && key_ == "dtype") {
      entry().dtype = value;
    } else {
      return unexpected("'" + value.substr(0, 60) + "'");
    }
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::nothing) {
      place_ = Place::top;
    } else if (place_ == Place::top) {
      keys_.clear();
      place_ = key_ == "__metadata__" ? Place::metadata : Place::tensor;
      if (place_ == Place::tensor) header_.tensors.emplace_back().name = key_;
    } else {
      return unexpected("an object");
    }
    return true;
  }

  bool key(string_t& value) override {
    if (place_ == Place::top) {
      require(names_.insert(value).second, "{}: the name '{}' occurs twice in the header", path_, value);
    } else {
      require(keys_.insert(value).second, "{}: {}: the key '{}' occurs twice", path_, where(), value);
      require(place_ == Place::metadata || value == "dtype" || value == "shape" || value == "data_offsets",
              "{}: {}: unknown key '{}'", path_, where(), value);
    }
    key_ = value;
    return true;
  }

  bool end_object() override {
    if (place_ == Place::tensor) {
      for (const char* key : {"dtype", "shape", "data_offsets"}) {
        require(keys_.count(key) == 1, "{}: {}: '{}' is missing", path_, where(), key);
      }
    }
    place_ = place_ == Place::top ? Place::nothing : Place::top;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::tensor || key_ == "dtype") return unexpected("an array");
    place_ = key_ == "shape" ? Place::shape : Place::offsets;
    offsets_ = 0;
    return true;
  }

  bool end_array() override {
    require(place_ != Place::offsets || offsets_ == 2, "{}: {}: {} data_offsets, expected begin and end", path_,
            where(), offsets_);
    place_ = Place::tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception& e) override {
    const std::string_view what = e.what();  // "[json.exception....] parse error at line 1, column 5: what is wrong"
    const std::size_t begin = what.find(": ");
    std::string_view wrong = begin == std::string_view::npos ? what : what.substr(begin + 2);
    // it quotes all that was read of a string: the end, which says what was expected, is enough
    constexpr std::size_t most = 200;
    const bool cut = wrong.size() > most;
    if (cut) wrong.remove_prefix(wrong.size() - most);
    while (cut && !wrong.empty() && (wrong[0] & 0xc0) == 0x80) wrong.remove_prefix(1);  // not amid a character
    fail("{}: the header is not valid JSON, near byte {} of it: {}{}", path_, position, cut ? "..." : "", wrong);
  }

 private:
  enum class Place { nothing, top, metadata, tensor, shape, offsets };

  SafetensorsHeader::Entry& entry() { return header_.tensors.back(); }

  std::string where() const {
    if (place_ == Place::metadata) return "__metadata__";
    if (place_ == Place::nothing || place_ == Place::top) return "the header";
    return "tensor '" + header_.tensors.back().name + "'";
  }

  bool unexpected(const std::string& what) {
    switch (place_) {
      case Place::nothing:
        fail("{}: the header is {}, expected an object", path_, what);
      case Place::top:
        fail("{}: '{}' in the header is {}, expected an object", path_, key_, what);
      case Place::metadata:
        fail("{}: __metadata__: '{}' is {}, expected a text", path_, key_, what);
      case Place::shape:
        fail("{}: {}: {} in its shape, expected integers from 0", path_, where(), what);
      case Place::offsets:
        fail("{}: {}: {} in its data_offsets, expected integers from 0", path_, where(), what);
      case Place::tensor:
        break;
    }
    fail("{}: {}: '{}' is {}, expected {}", path_, where(), key_, what,
         key_ == "dtype" ? "a text" : "an array of integers");
  }

  SafetensorsHeader& header_;
  const std::string& path_;
  Place place_ = Place::nothing;
  std::string key_;
  int offsets_ = 0;
  std::set<std::string> names_, keys_;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& path) {
  require(!json.empty() && json.front() == '{', "{}: not a safetensors file: the header does not begin with '{{'",
          path);
  // The parser takes a NUL for the end of the text and would not look at what follows.
  require(json.find('\0') == std::string_view::npos, "{}: there is a NUL byte in the header", path);
  SafetensorsHeader header;
  HeaderReader reader(header, path);
  Json::sax_parse(json.begin(), json.end(), &reader);
  return header;
}

}  // namespace dragoman
