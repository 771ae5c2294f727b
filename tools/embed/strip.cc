#include "strip.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include "base/error.h"

namespace dragoman {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '#' || (c & 0x80) != 0;
}

/// What may be another token, or part of a number, without the space beside it: + +, / /, 1 .toFixed().
bool is_joining(char c) { return c == '+' || c == '-' || c == '/' || c == '.'; }

/// Reads a file from its beginning and writes what is to stay.
class Stripper {
 public:
  Stripper(std::string_view name, std::string_view text) : name_(name), text_(text) {}

  StrippedScript script() {
    script_until_end('\0');
    return {result(), module_words_};
  }
  std::string style();
  std::string page();

 private:
  bool is_at_end() const { return at_ >= text_.size(); }
  bool is_next(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  [[noreturn]] void refuse(const std::string& what) const {
    fail("{} line {}: {}", name_, 1 + std::count(text_.begin(), text_.begin() + std::ptrdiff_t(at_), '\n'), what);
  }

  void copy(std::size_t count = 1) {
    if (at_ + count > text_.size()) refuse("the file ends in the middle of something");
    out_.append(text_.substr(at_, count));
    at_ += count;
  }
  /// Passes over white space and comments. What is left of them is a line end if there was one, else a space; neither
  /// where it says nothing.
  void gap(bool is_script) {
    bool is_line = false;
    bool is_any = false;
    for (; !is_at_end(); is_any = true) {
      if (is_space(text_[at_])) {
        is_line = is_line || text_[at_] == '\n';
        ++at_;
      } else if (is_next("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) refuse("a comment without end");
        is_line = is_line || text_.substr(at_, end - at_).find('\n') != std::string_view::npos;
        at_ = end + 2;
      } else if (is_script && is_next("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        break;
      }
    }
    if (!is_any || out_.empty() || is_at_end()) return;
    const char before = out_.back();
    const char after = text_[at_];
    if (is_line) {
      // No semicolon is implied after these.
      if (std::string_view(is_script ? "{([,;" : "{},;").find(before) == std::string_view::npos) out_ += '\n';
    } else if (!is_script || (is_word(before) && is_word(after)) || is_joining(before) || is_joining(after)) {
      out_ += ' ';
    }
  }
  void string() {
    const char quote = text_[at_];
    copy();
    while (is_at_end() || text_[at_] != quote) {
      if (is_at_end() || text_[at_] == '\n') refuse("a string without end");
      copy(text_[at_] == '\\' ? 2 : 1);
    }
    copy();
  }
  void template_literal() {
    copy();
    while (is_at_end() || text_[at_] != '`') {
      if (is_at_end()) refuse("a template literal without end");
      if (is_next("${")) {
        copy(2);
        script_until_end('}');
        copy();
      } else {
        copy(text_[at_] == '\\' ? 2 : 1);
      }
    }
    copy();
  }
  void regular_expression() {
    copy();
    bool is_class = false;
    while (is_at_end() || text_[at_] != '/' || is_class) {
      if (is_at_end() || text_[at_] == '\n') refuse("a regular expression without end");
      if (text_[at_] == '[') is_class = true;
      if (text_[at_] == ']') is_class = false;
      copy(text_[at_] == '\\' ? 2 : 1);
    }
    copy();
    while (!is_at_end() && is_word(text_[at_])) copy();
  }
  void script_until_end(char closing);

  std::string result() {
    while (!out_.empty() && is_space(out_.back())) out_.pop_back();
    return out_.empty() ? out_ : out_ + "\n";
  }

  std::string_view name_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<std::size_t> module_words_;
};

/// Code up to a brace that closes what was opened outside, or to the end of the file. What a slash means depends on
/// what is before it: after a value it divides, else it begins a regular expression.
void Stripper::script_until_end(char closing) {
  static const std::set<std::string_view> before_values = {"return", "typeof", "case", "in",    "of", "instanceof",
                                                           "new",    "delete", "void", "throw", "do", "else",
                                                           "yield",  "await",  "if",   "while"};
  static const std::set<std::string_view> before_conditions = {"if", "while", "for", "with"};
  enum { operation, value, brace } before = operation;
  std::string_view word;           // the last token, if it is one
  bool is_property = false;        // a word after a dot is a name, whatever it says
  std::vector<char> open;          // braces
  std::vector<bool> is_condition;  // for each open parenthesis, whether a statement follows it
  while (!is_at_end()) {
    const char c = text_[at_];
    if (closing != '\0' && c == closing && open.empty()) return;
    if (is_space(c) || is_next("//") || is_next("/*")) {
      gap(true);
      continue;
    }
    if (is_word(c)) {
      const std::size_t begin = at_;
      while (!is_at_end() && is_word(text_[at_])) copy();
      word = text_.substr(begin, at_ - begin);
      if (closing == '\0' && open.empty() && !is_property && (word == "import" || word == "export")) {
        module_words_.push_back(out_.size() - word.size());
      }
      before = !is_property && before_values.count(word) > 0 ? operation : value;
      if (is_property) word = {};
      is_property = false;
      continue;
    }
    if (c == '"' || c == '\'') {
      string();
      before = value;
    } else if (c == '`') {
      template_literal();
      before = value;
    } else if (c == '/' && before == brace) {
      refuse("expected no slash after a closing brace: it could divide, or begin a regular expression");
    } else if (c == '/' && before == operation) {
      regular_expression();
      before = value;
    } else if (is_next("++") || is_next("--")) {
      copy(2);  // what they belong to is a value
    } else {
      if (c == '(') is_condition.push_back(before_conditions.count(word) > 0);
      if (c == '{') open.push_back(c);
      before = operation;
      if (c == ')' || c == ']') before = value;
      if (c == ')' && !is_condition.empty()) {
        if (is_condition.back()) before = operation;
        is_condition.pop_back();
      }
      if (c == '}') {
        before = brace;
        if (open.empty()) refuse("a closing brace that closes nothing");
        open.pop_back();
      }
      is_property = c == '.';
      copy();
    }
    if (c != '.') is_property = false;
    word = {};
  }
  if (closing != '\0') refuse("a template literal without end");
}

std::string Stripper::style() {
  while (!is_at_end()) {
    const char c = text_[at_];
    if (is_space(c) || is_next("/*")) {
      gap(false);
    } else if (c == '"' || c == '\'') {
      string();
    } else if (is_next("url(")) {
      while (!is_at_end() && text_[at_] != ')') copy();
      if (is_at_end()) refuse("an address without end");
    } else {
      copy();
    }
  }
  return result();
}

std::string Stripper::page() {
  bool is_tag = false;
  while (!is_at_end()) {
    const char c = text_[at_];
    if (is_next("<!--")) {
      const std::size_t end = text_.find("-->", at_);
      if (end == std::string_view::npos) refuse("a comment without end");
      at_ = end + 3;
    } else if (is_next("<pre") || is_next("<style")) {
      refuse("expected no <pre> and no <style>, in which white space counts");
    } else if (is_next("<script") && text_.substr(text_.find('>', at_), 10) != "></script>") {
      refuse("expected a script in a file of its own");
    } else if (is_tag && (c == '"' || c == '\'')) {
      const std::size_t end = text_.find(c, at_ + 1);
      if (end == std::string_view::npos) refuse("an attribute without end");
      copy(end + 1 - at_);
    } else if (is_space(c)) {
      bool is_line = false;
      for (; !is_at_end() && is_space(text_[at_]); ++at_) is_line = is_line || text_[at_] == '\n';
      if (!out_.empty()) out_ += is_line ? '\n' : ' ';
    } else {
      if (c == '<') is_tag = true;
      if (c == '>') is_tag = false;
      copy();
    }
  }
  return result();
}

}  // namespace

StrippedScript strip_script(std::string_view name, std::string_view text) { return Stripper(name, text).script(); }

std::string strip(std::string_view name, std::string_view text) {
  if (name.ends_with(".js")) return strip_script(name, text).text;
  if (name.ends_with(".css")) return Stripper(name, text).style();
  if (name.ends_with(".html")) return Stripper(name, text).page();
  return std::string(text);
}

}  // namespace dragoman
