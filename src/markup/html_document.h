#pragma once
// An HTML document or fragment as texts to translate, and the same document with their translations.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "markup/html_references.h"
#include "markup/inline_tags.h"
#include "markup/placeholders.h"

namespace dragoman {

/// What is between two ends of blocks, as one text: white space folded, references decoded, tags at its edges left out.
struct HtmlSegment {
  std::string text = {};  ///< valid UTF-8 on one line, without spaces at its ends, with at least one letter
  std::vector<InlineTag> tags = {};
  std::size_t begin = 0, end = 0;  ///< bytes of the document that its translation replaces
  HtmlSpelling spelling = {};      ///< characters that the document wrote as references there
};

/// Tags, attributes, comments, scripts, styles, <pre>, <textarea>, <svg> and what is marked translate="no" or
/// class="notranslate" stay as they are; <code>, <kbd> and the like do in their sentence. A <br> ends a segment.
struct HtmlDocument {
  std::string html = {};
  std::vector<HtmlSegment> segments = {};  ///< in order
};

/// Reads any text as HTML, in linear time. Nothing is invalid; bytes that are no UTF-8 are U+FFFD in segments.
HtmlDocument parse_html(std::string html);

/// What of a segment must be protected: its whole elements, and the placeholders that are found in its text. In order.
std::vector<Placeholder> placeholders_of(const HtmlSegment& segment, const PlaceholderFinder& finder);

/// The document with a translation for each segment. Bytes outside segments stay, and so does a segment whose
/// translation is its own text with its tags where they were.
/// REQUIRES: is_well_formed(tags of the segment, its translation).
std::string assemble_html(const HtmlDocument& document, const std::vector<MarkedText>& translations);

/// The segment's own text with its tags, as a translation.
MarkedText untranslated(const HtmlSegment& segment);

}  // namespace dragoman
