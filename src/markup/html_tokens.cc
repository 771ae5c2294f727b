#include "markup/html_tokens.h"

#include <algorithm>
#include <array>
#include <optional>

#include "markup/html_elements.h"

namespace dragoman {
namespace {

/// Bytes that may be read in vain, looking for the end of tags that have none, before the rest is left alone.
constexpr std::size_t most_vain_bytes = 1 << 24;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }
std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return lower(c); });
  return result;
}

struct Attribute {
  std::string_view name, value;
};

/// Reads a tag from its name on.
class TagReader {
 public:
  TagReader(std::string_view html, std::size_t at) : html_(html), at_(at) {}

  std::string_view name() {
    const std::size_t begin = at_;
    while (at_ < html_.size() && !is_html_space(html_[at_]) && html_[at_] != '/' && html_[at_] != '>') ++at_;
    return html_.substr(begin, at_ - begin);
  }
  /// None at the end of the tag or of the document.
  std::optional<Attribute> attribute() {
    while (at_ < html_.size() && (is_html_space(html_[at_]) || html_[at_] == '/')) {
      slash_ = html_[at_] == '/';
      ++at_;
    }
    if (at_ >= html_.size() || html_[at_] == '>') return {};
    slash_ = false;
    Attribute attribute;
    std::size_t begin = at_++;  // a name may begin with =
    while (at_ < html_.size() && !is_html_space(html_[at_]) && html_[at_] != '/' && html_[at_] != '>' &&
           html_[at_] != '=') {
      ++at_;
    }
    attribute.name = html_.substr(begin, at_ - begin);
    std::size_t equals = at_;
    while (equals < html_.size() && is_html_space(html_[equals])) ++equals;
    if (equals >= html_.size() || html_[equals] != '=') return attribute;
    at_ = equals + 1;
    while (at_ < html_.size() && is_html_space(html_[at_])) ++at_;
    if (at_ < html_.size() && (html_[at_] == '"' || html_[at_] == '\'')) {
      const char quote = html_[at_];
      begin = at_ + 1;
      at_ = std::min(html_.find(quote, begin), html_.size());
      attribute.value = html_.substr(begin, at_ - begin);
      if (at_ < html_.size()) ++at_;
    } else {
      begin = at_;
      while (at_ < html_.size() && !is_html_space(html_[at_]) && html_[at_] != '>') ++at_;
      attribute.value = html_.substr(begin, at_ - begin);
    }
    return attribute;
  }
  bool ended() const { return at_ < html_.size() && html_[at_] == '>'; }
  std::size_t at() const { return at_; }
  bool self_closing() const { return slash_; }

 private:
  std::string_view html_;
  std::size_t at_;
  bool slash_ = false;
};

bool forbids_translation(const Attribute& attribute) {
  const std::string name = lower(attribute.name);
  if (name == "translate") return lower(attribute.value) == "no";
  if (name != "class") return false;
  constexpr std::string_view word = "notranslate";
  const std::string_view classes = attribute.value;
  for (std::size_t at = classes.find(word); at != classes.npos; at = classes.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || is_html_space(classes[at - 1])) && (end == classes.size() || is_html_space(classes[end])))
      return true;
  }
  return false;
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view html) : html_(html), last_end_(html.rfind('>')) {}

  std::vector<HtmlToken> run() {
    for (std::size_t at = 0; at < html_.size();) {
      const std::size_t next = html_[at] == '<' ? markup(at) : at;
      at = next == at ? at + 1 : next;
    }
    text_until(html_.size());
    return std::move(tokens_);
  }

 private:
  /// Reads what begins with < at `at`; gives where it ends, or `at` if it is text.
  std::size_t markup(std::size_t at) {
    const std::string_view rest = html_.substr(at);
    if (rest.starts_with("<!--")) {
      // "<!-->" and "<!--->" are whole comments.
      if (rest.starts_with("<!-->")) return add(HtmlToken::Kind::comment, at, at + 5);
      if (rest.starts_with("<!--->")) return add(HtmlToken::Kind::comment, at, at + 6);
      const std::size_t end = html_.find("-->", at + 4);
      return add(HtmlToken::Kind::comment, at, end == html_.npos ? html_.size() : end + 3);
    }
    if (last_end_ == html_.npos || at > last_end_ || rest.size() < 3) return at;
    if (at < last_section_end_ && rest.starts_with("<![CDATA[")) {
      const std::size_t end = html_.find("]]>", at);
      if (end == html_.npos) last_section_end_ = 0;
      if (end != html_.npos) return add(HtmlToken::Kind::comment, at, end + 3);
    }
    if (is_letter(rest[1])) return tag(at, at + 1, HtmlToken::Kind::open);
    if (rest[1] == '/' && is_letter(rest[2])) return tag(at, at + 2, HtmlToken::Kind::close);
    // Browsers take "</3" for a comment too, but whoever writes it means a heart.
    if (rest[1] == '!' || rest[1] == '?') return add(HtmlToken::Kind::comment, at, html_.find('>', at) + 1);
    return at;
  }

  std::size_t tag(std::size_t at, std::size_t name_begin, HtmlToken::Kind kind) {
    if (vain_bytes_ > most_vain_bytes) return add(HtmlToken::Kind::raw, at, html_.size());
    TagReader reader(html_, name_begin);
    HtmlToken token = {kind};
    token.name = lower(reader.name());
    while (const auto attribute = reader.attribute()) {
      token.untouchable = token.untouchable || forbids_translation(*attribute);
    }
    if (!reader.ended()) {
      vain_bytes_ += html_.size() - at;
      return at;
    }
    if (kind == HtmlToken::Kind::open && (reader.self_closing() || is_void_element(token.name))) {
      token.kind = HtmlToken::Kind::empty;
    }
    const std::string name = token.name;
    const bool has_raw_content = token.kind == HtmlToken::Kind::open && is_raw_element(name);
    text_until(at);
    token.begin = at;
    token.end = done_ = reader.at() + 1;
    tokens_.push_back(std::move(token));
    return has_raw_content ? raw_content(name) : done_;
  }

  /// What stands up to the closing tag of that name.
  std::size_t raw_content(const std::string& name) {
    std::size_t end = done_;
    for (;; ++end) {
      end = html_.find("</", end);
      if (end == html_.npos || name == "plaintext") {
        end = html_.size();
        break;
      }
      const std::string_view rest = html_.substr(end + 2);
      if (rest.size() > name.size() && lower(rest.substr(0, name.size())) == name &&
          (is_html_space(rest[name.size()]) || rest[name.size()] == '>' || rest[name.size()] == '/')) {
        break;
      }
    }
    if (end == done_) return done_;
    return add(name == "title" ? HtmlToken::Kind::text : HtmlToken::Kind::raw, done_, end);
  }

  std::size_t add(HtmlToken::Kind kind, std::size_t begin, std::size_t end) {
    text_until(begin);
    tokens_.push_back({kind, begin, end});
    return done_ = end;
  }
  void text_until(std::size_t end) {
    if (end > done_) tokens_.push_back({HtmlToken::Kind::text, done_, end});
    done_ = end;
  }

  std::string_view html_;
  std::size_t last_end_;  ///< the last >: a tag that begins later has no end
  std::size_t last_section_end_ = std::string_view::npos;
  std::size_t done_ = 0;  ///< up to here there are tokens
  std::size_t vain_bytes_ = 0;
  std::vector<HtmlToken> tokens_;
};

}  // namespace

std::vector<HtmlToken> html_tokens(std::string_view html) { return Tokenizer(html).run(); }

}  // namespace dragoman
