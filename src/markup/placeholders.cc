#include "markup/placeholders.h"

#include <re2/stringpiece.h>

#include <algorithm>
#include <optional>

#include "base/words.h"
#include "dragoman/error.h"
#include "markup/placeholder_rules.h"

namespace dragoman {
namespace {

bool is_address(PlaceholderKind kind) {
  return kind == PlaceholderKind::url || kind == PlaceholderKind::email || kind == PlaceholderKind::user;
}

}  // namespace

PlaceholderGrammar placeholder_grammar(std::string_view format) {
  static const std::vector<std::string> known = {"general", "c", "objc", "php", "python", "python-brace", "qt", "icu"};
  std::string name(format);
  if (name.ends_with("-format")) name.resize(name.size() - 7);
  PlaceholderGrammar grammar;
  if (name == "general") return grammar;
  grammar.braces = BraceFormat::none;
  grammar.percent = PercentFormat::none;
  grammar.double_braces = grammar.dollar_braces = false;
  if (name == "c") {
    grammar.percent = PercentFormat::c;
  } else if (name == "objc") {
    grammar.percent = PercentFormat::objc;
  } else if (name == "php") {
    grammar.percent = PercentFormat::php;
  } else if (name == "python") {
    grammar.percent = PercentFormat::python;
  } else if (name == "qt") {
    grammar.percent = PercentFormat::qt;
  } else if (name == "python-brace") {
    grammar.braces = BraceFormat::python;
  } else if (name == "icu") {
    grammar.braces = BraceFormat::icu;
  } else {
    throw Error("unknown format of placeholders '" + std::string(format) + "', expected one of " +
                join_words(known, " or ") + suggestion(name, known));
  }
  return grammar;
}

struct PlaceholderFinder::Impl {
  PlaceholderGrammar grammar;
  std::vector<PlaceholderRule> rules;

  /// What a rule finds next from a place on.
  std::optional<Placeholder> next(const PlaceholderRule& rule, const PlaceholderContext& context,
                                  std::size_t from) const {
    re2::StringPiece found;
    const re2::StringPiece text(context.text.data(), context.text.size());
    while (from <= text.size() && rule.regex->Match(text, from, text.size(), re2::RE2::UNANCHORED, &found, 1)) {
      const auto begin = std::size_t(found.data() - text.data());
      Placeholder match = {begin, begin + found.size(), rule.kind};
      from = match.kind == PlaceholderKind::percent || match.kind == PlaceholderKind::brace ? begin + 1 : match.end;
      if (found.empty()) {
        ++from;  // a pattern such as a|b* may match nothing within text
      } else if (!rule.accept || rule.accept(context, match)) {
        return match;
      }
    }
    return {};
  }

  std::vector<Placeholder> find(std::string_view text, bool addresses) const {
    const bool nested = grammar.braces == BraceFormat::icu || grammar.braces == BraceFormat::general;
    std::optional<BracePairs> braces;
    if (nested && text.find('{') != text.npos) braces.emplace(text, grammar.braces == BraceFormat::icu);
    const PlaceholderContext context = {text, grammar, braces ? &*braces : nullptr};

    std::vector<std::optional<Placeholder>> candidates(rules.size());
    std::vector<Placeholder> result;
    std::size_t at = 0;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (addresses || !is_address(rules[i].kind)) candidates[i] = next(rules[i], context, 0);
    }
    for (;;) {
      const Placeholder* first = nullptr;
      for (std::size_t i = 0; i < rules.size(); ++i) {
        auto& candidate = candidates[i];
        if (candidate && candidate->begin < at) candidate = next(rules[i], context, at);
        if (candidate && (!first || candidate->begin < first->begin)) first = &*candidate;
      }
      if (!first) break;
      result.push_back(*first);
      at = first->end;
    }
    return result;
  }
};

PlaceholderFinder::PlaceholderFinder(const PlaceholderGrammar& grammar)
    : impl_(std::make_shared<const Impl>(Impl{grammar, placeholder_rules(grammar)})) {}

std::vector<Placeholder> PlaceholderFinder::find(std::string_view text) const {
  std::vector<Placeholder> result = impl_->find(text, true);
  for (Placeholder& found : result) {
    if (!is_address(found.kind)) continue;  // an address may hold formats: http://%s/
    const auto inner = impl_->find(text.substr(found.begin, found.end - found.begin), false);
    found.keeps_order = std::any_of(inner.begin(), inner.end(), [](const Placeholder& p) { return p.keeps_order; });
  }
  return result;
}

}  // namespace dragoman
