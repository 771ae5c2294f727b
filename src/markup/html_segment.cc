#include "markup/html_segment.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include "markup/html_elements.h"
#include "markup/mask.h"
#include "text/cleaning.h"
#include "text/metrics/characters.h"

namespace dragoman {
namespace {

std::string cleaned(std::string_view bytes) {
  std::string text(bytes);
  repair_utf8(text);
  repair_nul(text);
  return text;
}

/// White space that can stand at the edge of a segment without being part of it.
bool is_blank_character(char32_t c) { return c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F; }

}  // namespace

void HtmlSegmentBuilder::add_characters(std::size_t begin, std::size_t end) {
  while (begin < end) {
    const bool space = is_html_space(html_[begin]);
    std::size_t next = begin;
    while (next < end && is_html_space(html_[next]) == space) ++next;
    Item item = {space ? Item::Kind::space : Item::Kind::text, begin, next};
    item.text = space ? " " : cleaned(html_.substr(begin, next - begin));
    items_.push_back(std::move(item));
    begin = next;
  }
}

void HtmlSegmentBuilder::add_text(const HtmlToken& token) {
  std::size_t begin = token.begin, at = token.begin;
  const std::string_view until_end = html_.substr(0, token.end);
  while ((at = until_end.find('&', at)) != until_end.npos) {
    const auto reference = read_reference(html_.substr(at, token.end - at));
    if (!reference) {
      ++at;
      continue;
    }
    add_characters(begin, at);
    Item item = {Item::Kind::text, at, at + reference->size};
    item.reference = reference->character;
    if (item.reference == 0) {
      item.kind = Item::Kind::single;
    } else if (item.reference < 0x80 && is_html_space(char(item.reference))) {
      item.kind = Item::Kind::space;
      item.text = " ";
    } else {
      python::append_utf8(item.text, item.reference);
    }
    items_.push_back(std::move(item));
    begin = at = at + reference->size;
  }
  add_characters(begin, token.end);
}

void HtmlSegmentBuilder::add_tag(const HtmlToken& token) {
  Item item = {Item::Kind::single, token.begin, token.end, token.name};
  if (token.kind == HtmlToken::Kind::open) item.kind = Item::Kind::open;
  if (token.kind == HtmlToken::Kind::close) item.kind = Item::Kind::close;
  item.replaced = is_replaced_element(token.name) && item.kind != Item::Kind::close;
  items_.push_back(std::move(item));
}

void HtmlSegmentBuilder::add_element(std::span<const HtmlToken> tokens) {
  Item item = {Item::Kind::element, tokens.front().begin, tokens.back().end, tokens.front().name};
  const bool readable = is_readable_element(item.name) || !is_untouchable_element(item.name);
  HtmlSegmentBuilder content(html_);
  for (const HtmlToken& token : tokens) {
    if (readable && token.kind == HtmlToken::Kind::text) content.add_text(token);
  }
  for (const Item& part : content.items_) {
    if (part.kind != Item::Kind::space || (!item.text.empty() && !item.text.ends_with(' '))) item.text += part.text;
  }
  if (item.text.ends_with(' ')) item.text.pop_back();
  item.replaced = is_replaced_element(item.name);
  if (item.text.empty()) item.kind = Item::Kind::single;
  items_.push_back(std::move(item));
}

/// Pairs are nested; tags that would cross others, or whose other half is not there, become single.
void HtmlSegmentBuilder::pair_tags() {
  std::vector<int> open;
  std::unordered_map<std::string_view, int> counts;
  for (int i = 0; i < int(items_.size()); ++i) {
    Item& item = items_[std::size_t(i)];
    if (item.kind == Item::Kind::open) {
      open.push_back(i);
      ++counts[item.name];
    } else if (item.kind == Item::Kind::close) {
      if (counts[item.name] == 0) continue;
      for (bool found = false; !found; open.pop_back()) {
        Item& other = items_[std::size_t(open.back())];
        --counts[other.name];
        found = other.name == item.name;
        if (!found) continue;
        other.partner = i;
        item.partner = open.back();
      }
    }
  }
  for (Item& item : items_) {
    item.half = (item.kind == Item::Kind::open || item.kind == Item::Kind::close) && item.partner < 0;
    if (item.half) item.kind = Item::Kind::single;
  }
}

/// Where pairs cross, or an earlier pair ends and a later one begins, no place but the source's order is safe: a pair
/// that opens behind its end would never be closed.
void HtmlSegmentBuilder::unpair_crossing(std::size_t first, std::size_t last) {
  bool opens = false, closes = false;
  for (std::size_t i = first; i < last; ++i) {
    const bool closing = html_.substr(items_[i].begin).starts_with("</");
    opens = opens || (items_[i].half && !closing);
    closes = closes || (items_[i].half && closing);
  }
  for (std::size_t i = first; opens && closes && i < last; ++i) {
    Item& item = items_[i];
    if (item.kind != Item::Kind::open && item.kind != Item::Kind::close) continue;
    item.kind = Item::Kind::single;
    item.half = true;
  }
}

/// Leaves out what is at the edges and needs no translation: space, single tags, and pairs around all the rest or
/// around nothing.
void HtmlSegmentBuilder::trim(std::size_t& first, std::size_t& last) const {
  std::vector<std::size_t> words(items_.size() + 1, 0);  // before each item
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    const bool word =
        item.kind == Item::Kind::element || (item.kind == Item::Kind::text && !is_blank_character(item.reference) &&
                                             item.text != "\u00A0" && item.text != "\u202F");
    words[i + 1] = words[i] + (word ? 1 : 0);
  }
  const auto has_words = [&](std::size_t begin, std::size_t end) { return words[end] > words[begin]; };
  for (;;) {
    if (first < last && !has_words(first, first + 1) && items_[first].kind != Item::Kind::open) {
      ++first;
    } else if (first < last && !has_words(last - 1, last) && items_[last - 1].kind != Item::Kind::close) {
      --last;
    } else if (first < last && items_[first].kind == Item::Kind::open && items_[first].partner == int(last) - 1) {
      ++first;
      --last;
    } else if (first < last && items_[first].kind == Item::Kind::open &&
               !has_words(first, std::size_t(items_[first].partner))) {
      first = std::size_t(items_[first].partner) + 1;
    } else if (first < last && items_[last - 1].kind == Item::Kind::close &&
               !has_words(std::size_t(items_[last - 1].partner), last)) {
      last = std::size_t(items_[last - 1].partner);
    } else {
      return;
    }
  }
}

HtmlSegment HtmlSegmentBuilder::build(std::size_t first, std::size_t last) const {
  HtmlSegment segment = {.begin = items_[first].begin, .end = items_[last - 1].end};
  std::vector<int> tag_of(items_.size(), -1);
  std::vector<bool> before_text(items_.size() + 1, false);  // whether the next that is no tag is text, not space
  for (std::size_t i = last; i > first; --i) {
    const Item::Kind kind = items_[i - 1].kind;
    const bool is_tag = kind == Item::Kind::open || kind == Item::Kind::close || kind == Item::Kind::single;
    before_text[i - 1] = is_tag ? before_text[i] : kind != Item::Kind::space;
  }
  bool after_text = false;  // the last that is no tag was text
  int picture = -1;         // tag that was the last thing seen, right behind text
  for (std::size_t i = first; i < last; ++i) {
    const Item& item = items_[i];
    const bool after_space = segment.text.empty() || segment.text.ends_with(' ');
    if (item.kind == Item::Kind::space) {
      if (!after_space) segment.text += ' ';
      after_text = false;
      picture = -1;
      continue;
    }
    if (item.kind == Item::Kind::text) {
      if (picture >= 0) {
        segment.text += ' ';
        segment.tags[std::size_t(picture)].added_space = true;
      }
      after_text = true;
      picture = -1;
      if (item.reference != 0 && !(item.reference < 0x80 && std::isalnum(int(item.reference)))) {
        std::string& spelling = segment.spelling[item.reference];
        spelling = html_.substr(item.begin, item.end - item.begin);
        if (!spelling.ends_with(';')) spelling += ';';
      }
      segment.text += item.text;
      continue;
    }
    InlineTag tag = {.raw = std::string(html_.substr(item.begin, item.end - item.begin))};
    tag.begin = segment.text.size();
    segment.text += item.text;  // of an element
    tag.end = segment.text.size();
    tag_of[i] = int(segment.tags.size());
    switch (item.kind) {
      case Item::Kind::open:
        tag.kind = InlineTag::Kind::open;
        break;
      case Item::Kind::close:
        tag.kind = InlineTag::Kind::close;
        tag.partner = tag_of[std::size_t(item.partner)];
        segment.tags[std::size_t(tag.partner)].partner = tag_of[i];
        break;
      case Item::Kind::element:
        tag.kind = InlineTag::Kind::element;
        after_text = true;
        picture = -1;
        break;
      default:
        // Half of a pair belongs to what it would enclose.
        tag.touches_before = item.half ? tag.raw.starts_with("</") : after_text;
        tag.half = item.half;
        tag.touches_after = item.half ? !tag.touches_before : before_text[i + 1];
        tag.spaced_both = i > first && i + 1 < last && !after_text && !before_text[i + 1] && !item.half;
        if (item.replaced && after_text) picture = tag_of[i];
        break;
    }
    segment.tags.push_back(std::move(tag));
  }
  return segment;
}

std::optional<HtmlSegment> HtmlSegmentBuilder::finish() {
  pair_tags();
  std::size_t first = 0, last = items_.size();
  trim(first, last);
  std::optional<HtmlSegment> segment;
  const bool translatable =
      std::any_of(items_.begin() + std::ptrdiff_t(first), items_.begin() + std::ptrdiff_t(last),
                  [](const Item& item) { return item.kind == Item::Kind::text && has_letters(item.text); });
  if (translatable) {
    unpair_crossing(first, last);
    segment = build(first, last);
  }
  items_.clear();
  return segment;
}

}  // namespace dragoman
