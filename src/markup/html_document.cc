#include "markup/html_document.h"

#include <algorithm>
#include <cassert>
#include <unordered_map>

#include "markup/html_elements.h"
#include "markup/html_segment.h"
#include "markup/html_tokens.h"

namespace dragoman {
namespace {

using Kind = HtmlToken::Kind;

bool is_block(const HtmlToken& token) {
  return (token.kind == Kind::open || token.kind == Kind::close || token.kind == Kind::empty) &&
         is_block_element(token.name);
}

/// For each opening tag the closing one, by name alone: -1 if there is none.
std::vector<int> closing_tags(const std::vector<HtmlToken>& tokens) {
  std::vector<int> closing(tokens.size(), -1);
  std::unordered_map<std::string_view, std::vector<int>> open;
  for (int i = 0; i < int(tokens.size()); ++i) {
    const HtmlToken& token = tokens[std::size_t(i)];
    if (token.kind == Kind::open) open[token.name].push_back(i);
    if (token.kind != Kind::close) continue;
    std::vector<int>& same = open[token.name];
    if (same.empty()) continue;
    closing[std::size_t(same.back())] = i;
    same.pop_back();
  }
  return closing;
}

/// Where what begins with an untouchable tag ends: behind its closing tag. Without one a block goes on to the next
/// block, and of others just the tag is kept.
std::size_t end_of_untouchable(const std::vector<HtmlToken>& tokens, std::size_t begin, int closing) {
  if (closing >= 0) return std::size_t(closing) + 1;
  std::size_t end = begin + 1;
  if (is_block(tokens[begin])) {
    while (end < tokens.size() && !is_block(tokens[end])) ++end;
  }
  return end;
}

}  // namespace

HtmlDocument parse_html(std::string html) {
  HtmlDocument document = {std::move(html)};
  const std::vector<HtmlToken> tokens = html_tokens(document.html);
  const std::vector<int> closing = closing_tags(tokens);
  std::vector<int> blocks(tokens.size() + 1, 0);  // before each token
  for (std::size_t i = 0; i < tokens.size(); ++i) blocks[i + 1] = blocks[i] + (is_block(tokens[i]) ? 1 : 0);

  HtmlSegmentBuilder builder(document.html);
  const auto finish = [&] {
    if (auto segment = builder.finish()) document.segments.push_back(std::move(*segment));
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const HtmlToken& token = tokens[i];
    const bool is_tag = token.kind == Kind::open || token.kind == Kind::empty;
    const bool untouchable =
        is_tag && (token.untouchable || (token.kind == Kind::open && is_untouchable_element(token.name)));
    if (untouchable) {
      const std::size_t end = end_of_untouchable(tokens, i, closing[i]);
      if (blocks[end] > blocks[i]) {
        finish();
      } else if (end > i + 1) {
        builder.add_element({tokens.data() + i, end - i});
      } else {
        builder.add_tag(token);
      }
      i = end - 1;
    } else if (is_block(token)) {
      finish();
    } else if (token.kind == Kind::text) {
      builder.add_text(token);
    } else {
      builder.add_tag(token);
    }
  }
  finish();
  return document;
}

std::vector<Placeholder> placeholders_of(const HtmlSegment& segment, const PlaceholderFinder& finder) {
  std::vector<Placeholder> all = finder.find(segment.text);
  for (const InlineTag& tag : segment.tags) {
    if (tag.kind != InlineTag::Kind::element) continue;
    all.push_back({tag.begin, tag.end, PlaceholderKind::element});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Placeholder& a, const Placeholder& b) { return a.begin < b.begin; });
  std::vector<Placeholder> result;
  for (const Placeholder& next : all) {  // an address may go on into an element: they are one then
    if (result.empty() || next.begin >= result.back().end) {
      result.push_back(next);
    } else {
      result.back().end = std::max(result.back().end, next.end);
      result.back().keeps_order = result.back().keeps_order || next.keeps_order;
    }
  }
  return result;
}

MarkedText untranslated(const HtmlSegment& segment) {
  MarkedText marked = {segment.text};
  for (std::size_t i = 0; i < segment.tags.size(); ++i) {
    marked.tags.push_back({int(i), segment.tags[i].begin, segment.tags[i].end});
  }
  return marked;
}

namespace {

bool is_untranslated(const HtmlSegment& segment, const MarkedText& marked) {
  if (marked.text != segment.text) return false;
  for (std::size_t i = 0; i < segment.tags.size(); ++i) {
    const PlacedTag& placed = marked.tags[i];
    if (placed.tag != int(i) || placed.begin != segment.tags[i].begin || placed.end != segment.tags[i].end)
      return false;
  }
  return true;
}

std::string segment_html(const HtmlSegment& segment, const MarkedText& marked) {
  std::string html;
  const std::string_view text = marked.text;
  std::size_t at = 0;
  bool after_space = true;  // whatever tags are between
  for (const PlacedTag& placed : marked.tags) {
    const InlineTag& tag = segment.tags[std::size_t(placed.tag)];
    if (placed.begin > at) {
      html += to_html(text.substr(at, placed.begin - at), segment.spelling);
      after_space = text[placed.begin - 1] == ' ';
    }
    at = std::max(at, placed.end);
    const bool before_space = at < text.size() && text[at] == ' ';
    if (tag.added_space && html.ends_with(' ')) {
      html.pop_back();
    } else if (tag.added_space && before_space) {
      ++at;
    }
    if (tag.spaced_both && !after_space) html += ' ';
    html += tag.raw;
    if (tag.spaced_both && !before_space && at < text.size()) html += ' ';
    after_space = after_space || tag.spaced_both;
    if (placed.end > placed.begin) after_space = false;
  }
  return html + to_html(text.substr(at), segment.spelling);
}

}  // namespace

std::string assemble_html(const HtmlDocument& document, const std::vector<MarkedText>& translations) {
  assert(translations.size() == document.segments.size());
  std::string html;
  std::size_t at = 0;
  for (std::size_t i = 0; i < translations.size(); ++i) {
    const HtmlSegment& segment = document.segments[i];
    assert(is_well_formed(segment.tags, translations[i]));
    html.append(document.html, at, segment.begin - at);
    if (is_untranslated(segment, translations[i])) {
      html.append(document.html, segment.begin, segment.end - segment.begin);
    } else {
      html += segment_html(segment, translations[i]);
    }
    at = segment.end;
  }
  return html.append(document.html, at);
}

}  // namespace dragoman
