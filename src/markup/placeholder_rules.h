#pragma once
// The regular expressions of PlaceholderFinder, and what they cannot say: whether a match is one where it stands.

#include <re2/re2.h>

#include <memory>
#include <string_view>
#include <vector>

#include "markup/brace_pairs.h"
#include "markup/placeholders.h"

namespace dragoman {

/// What a rule may look at to judge a match.
struct PlaceholderContext {
  std::string_view text;
  const PlaceholderGrammar& grammar;
  const BracePairs* braces;  ///< of a grammar that has nested ones
};

/// One kind of placeholder. `accept` says whether a match is one, and may move its end and set keeps_order; null: it is
/// as it is.
struct PlaceholderRule {
  PlaceholderKind kind;
  std::unique_ptr<re2::RE2> regex;
  bool (*accept)(const PlaceholderContext& context, Placeholder& match) = nullptr;
};

/// The rules of a grammar, those before others first. Throws Error as PlaceholderFinder does.
std::vector<PlaceholderRule> placeholder_rules(const PlaceholderGrammar& grammar);

}  // namespace dragoman
