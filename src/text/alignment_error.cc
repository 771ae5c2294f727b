#include "text/alignment_error.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "base/error.h"

namespace dragoman {
namespace {

bool before(const TokenLink& a, const TokenLink& b) {
  return std::tie(a.source, a.target) < std::tie(b.source, b.target);
}

void order(std::vector<TokenLink>& links) {
  std::sort(links.begin(), links.end(), before);
  links.erase(std::unique(links.begin(), links.end()), links.end());
}

double share(std::int64_t part, std::int64_t whole) { return whole == 0 ? 1.0 : double(part) / double(whole); }

}  // namespace

GoldAlignment parse_gold_alignment(std::string_view text, int first, const std::string& file, std::int64_t line) {
  constexpr std::string_view blanks = " \t\r";
  GoldAlignment gold;
  for (std::size_t begin; (begin = text.find_first_not_of(blanks)) != std::string_view::npos;) {
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    TokenLink link;
    const char* const end = word.data() + word.size();
    const auto source = std::from_chars(word.data(), end, link.source);
    const char sign = source.ptr == end ? ' ' : *source.ptr;
    const bool is_known = sign == '-' || sign == '?' || sign == 'p';
    const auto target = is_known ? std::from_chars(source.ptr + 1, end, link.target) : source;
    require(is_known && source.ec == std::errc() && target.ec == std::errc() && target.ptr == end &&
                link.source >= first && link.target >= first,
            "{} line {}: expected links such as {}-{} (sure), 3?4 or 3p4 (possible), from {} on, found '{}'", file,
            line, first, first, first, word.substr(0, 40));
    link.source -= first;
    link.target -= first;
    if (sign == '-') gold.sure.push_back(link);
    gold.possible.push_back(link);
  }
  order(gold.sure);
  order(gold.possible);
  return gold;
}

void AlignmentErrors::add(std::span<const TokenLink> links_of_pair, const GoldAlignment& gold) {
  std::vector<TokenLink> found(links_of_pair.begin(), links_of_pair.end());
  order(found);
  links += std::int64_t(found.size());
  sure += std::int64_t(gold.sure.size());
  for (const TokenLink& link : found) {
    sure_found += std::binary_search(gold.sure.begin(), gold.sure.end(), link, before);
    possible_found += std::binary_search(gold.possible.begin(), gold.possible.end(), link, before);
  }
}

double AlignmentErrors::precision() const { return share(possible_found, links); }
double AlignmentErrors::recall() const { return share(sure_found, sure); }
double AlignmentErrors::error_rate() const { return 1 - share(sure_found + possible_found, links + sure); }

}  // namespace dragoman
