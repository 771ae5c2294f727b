#include "markup/inline_tags.h"

namespace dragoman {

bool is_well_formed(const std::vector<InlineTag>& tags, const MarkedText& marked) {
  if (marked.tags.size() != tags.size()) return false;
  std::vector<bool> seen(tags.size(), false);
  std::vector<int> open;
  std::size_t at = 0;
  int last_half = -1;
  bool in_order = true, opens = false, closes = false;
  for (const PlacedTag& placed : marked.tags) {
    if (placed.tag < 0 || std::size_t(placed.tag) >= tags.size() || seen[std::size_t(placed.tag)]) return false;
    if (placed.begin < at || placed.end < placed.begin || placed.end > marked.text.size()) return false;
    seen[std::size_t(placed.tag)] = true;
    at = placed.end;
    const InlineTag& tag = tags[std::size_t(placed.tag)];
    if (tag.half) {
      in_order = in_order && placed.tag > last_half;
      last_half = placed.tag;
      (tag.raw.starts_with("</") ? closes : opens) = true;
    }
    if (tag.kind == InlineTag::Kind::open) open.push_back(placed.tag);
    if (tag.kind == InlineTag::Kind::close) {
      if (open.empty() || open.back() != tag.partner) return false;
      open.pop_back();
    }
  }
  return open.empty() && (in_order || !opens || !closes);
}

}  // namespace dragoman
