#include "format/shortlist.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <ostream>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/words.h"
#include "format/ctranslate2_vocabulary.h"

namespace dragoman {
namespace {

constexpr std::uint64_t magic = 0xF11A48D5013417F5ull;
constexpr std::size_t header_numbers = 6, header_bytes = 48;

/// Marian's checksum of a file after its second number: boost's hash_combine over 64-bit words.
std::uint64_t checksum(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0;
  for (std::size_t i = 16; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    hash ^= word + 0x9e3779b9u + (hash << 6) + (hash >> 2);
  }
  return hash;
}

/// The three fields of a line, separated by white space.
bool split(std::string_view line, std::string_view (&fields)[3]) {
  for (std::string_view& field : fields) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return false;
    const std::size_t end = std::min(line.find_first_of(" \t\r", begin), line.size());
    field = line.substr(begin, end - begin);
    line = line.substr(end);
  }
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

bool is_binary_shortlist(const std::string& path) {
  const MappedFile file(path);
  return file.bytes().size() >= 8 && std::memcmp(file.bytes().data(), &magic, 8) == 0;
}

Shortlist::Shortlist(std::vector<std::vector<int>> lists, int first, int best, int target_words, bool shared)
    : first_(std::min(first, target_words)), best_(best), target_words_(target_words), shared_(shared) {
  struct Lists {
    std::vector<std::uint64_t> offsets = {0};
    std::vector<std::uint32_t> words;
  };
  const auto own = std::make_shared<Lists>();
  for (std::vector<int>& list : lists) {
    std::sort(list.begin(), list.end());
    own->words.insert(own->words.end(), list.begin(), list.end());
    own->offsets.push_back(own->words.size());
  }
  offsets_ = own->offsets;
  words_ = own->words;
  owner_ = own;
}

Shortlist Shortlist::open_binary(const std::string& path, int source_words, int target_words, bool shared) {
  Shortlist list = map_binary(path);
  list.fit(source_words, target_words, shared);
  return list;
}

Shortlist Shortlist::map_binary(const std::string& path) {
  const auto file = std::make_shared<const MappedFile>(path);
  const auto bytes = file->bytes();
  require(bytes.size() >= header_bytes, "{}: {} bytes are no binary shortlist", path, bytes.size());
  std::uint64_t header[header_numbers];
  std::memcpy(header, bytes.data(), header_bytes);
  require(header[0] == magic, "{}: no binary shortlist: it begins with {:#x}, expected {:#x}", path, header[0], magic);
  const std::uint64_t offsets = header[4], words = header[5];
  const std::uint64_t room = bytes.size() - header_bytes;
  require(offsets >= 1 && offsets <= room / 8 && words <= room / 4 && offsets * 8 + words * 4 == room,
          "{}: {} bytes, but lists of {} words for {} source words need {}", path, bytes.size(), words,
          offsets == 0 ? 0 : offsets - 1, double(header_bytes) + 8.0 * double(offsets) + 4.0 * double(words));
  const std::uint64_t found = checksum(bytes);
  require(found == header[1], "{}: its checksum is {:#x}, expected {:#x}: it is damaged", path, found, header[1]);
  Shortlist list;
  list.path_ = path;
  list.stored_first_ = header[2];
  list.stored_best_ = header[3];
  list.offsets_ = {reinterpret_cast<const std::uint64_t*>(bytes.data() + header_bytes), std::size_t(offsets)};
  list.words_ = {reinterpret_cast<const std::uint32_t*>(bytes.data() + header_bytes + offsets * 8), std::size_t(words)};
  list.owner_ = file;
  require(list.offsets_.front() == 0 && list.offsets_.back() == words, "{}: its lists do not cover its words", path);
  for (std::size_t s = 1; s < list.offsets_.size(); ++s) {
    require(list.offsets_[s - 1] <= list.offsets_[s], "{}: the list of source word {} ends before it begins", path,
            s - 1);
  }
  for (const std::uint32_t word : list.words_) list.largest_ = std::max(list.largest_, word);
  return list;
}

void Shortlist::fit(int source_words, int target_words, bool shared) {
  require(offsets_.size() == std::size_t(source_words) + 1,
          "{}: made for {} source words, but the source vocabulary has {}", path_, offsets_.size() - 1, source_words);
  require(stored_first_ <= std::uint64_t(target_words), "{}: {} first words, but the target vocabulary has {}", path_,
          stored_first_, target_words);
  require(words_.empty() || largest_ < std::uint32_t(target_words),
          "{}: target word {}, but the target vocabulary has {}", path_, largest_, target_words);
  first_ = int(stored_first_);
  best_ = int(std::min<std::uint64_t>(stored_best_, std::uint64_t(target_words)));
  target_words_ = target_words;
  shared_ = shared;
}

std::vector<int> Shortlist::candidates(std::span<const int> source) const {
  constexpr int bits = 64;
  std::vector<std::uint64_t> in(std::size_t(target_words_ + bits - 1) / bits, 0);  // a set: its members come out sorted
  int count = 0;
  const auto add = [&](int word) {
    std::uint64_t& some = in[std::size_t(word / bits)];
    const std::uint64_t bit = std::uint64_t(1) << (word % bits);
    count += (some & bit) == 0 ? 1 : 0;
    some |= bit;
  };
  for (int word = 0; word < first_; ++word) add(word);
  for (const int s : source) {
    if (s < 0 || std::size_t(s) + 1 >= offsets_.size()) continue;
    if (shared_ && s < target_words_) add(s);
    for (std::uint64_t i = offsets_[std::size_t(s)]; i < offsets_[std::size_t(s) + 1]; ++i) add(int(words_[i]));
  }
  for (std::size_t begin = 0; longest_ngram_ > 0 && begin < source.size(); ++begin) {
    std::vector<int> ngram;
    while (ngram.size() < longest_ngram_ && begin + ngram.size() < source.size()) {
      ngram.push_back(source[begin + ngram.size()]);
      const auto found = ngrams_.find(ngram);
      if (found != ngrams_.end()) std::for_each(found->second.begin(), found->second.end(), add);
    }
  }
  if (const auto always = ngrams_.find({}); always != ngrams_.end()) {
    std::for_each(always->second.begin(), always->second.end(), add);
  }
  for (int word = first_; fills_up_ && word < target_words_ && count % 8 != 0; ++word) add(word);
  std::vector<int> all;
  all.reserve(std::size_t(count));
  for (std::size_t i = 0; i < in.size(); ++i) {
    for (std::uint64_t left = in[i]; left != 0; left &= left - 1) all.push_back(int(i) * bits + std::countr_zero(left));
  }
  return all;
}

bool is_vocabulary_map(const std::string& path) {
  const MappedFile file(path);
  std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  text = text.substr(0, text.find('\n'));
  return std::count(text.begin(), text.end(), '\t') == 1;
}

Shortlist Shortlist::open_vocabulary_map(const std::string& path, int target_words, const Find& source,
                                         const Find& target) {
  const VocabularyMap map = parse_vocabulary_map(read_file(path), path);
  Shortlist list;
  list.target_words_ = target_words;
  list.fills_up_ = false;
  const auto ids_of = [&](const std::vector<std::string>& words) {
    std::vector<int> ids;
    for (const std::string& word : words) {
      if (const int id = target(word); id >= 0 && id < target_words) ids.push_back(id);
    }
    return ids;
  };
  list.ngrams_[{}] = ids_of(map.always);
  for (const auto& [text, words] : map.allowed) {
    std::vector<int> ngram;
    for (const std::string& word : split_words(text)) ngram.push_back(source(word));
    if (ngram.empty() || std::find_if(ngram.begin(), ngram.end(), [](int id) { return id < 0; }) != ngram.end())
      continue;
    list.longest_ngram_ = std::max(list.longest_ngram_, ngram.size());
    list.ngrams_[ngram] = ids_of(words);
  }
  return list;
}

void Shortlist::save_binary(const std::string& path) const {
  const std::uint64_t header[header_numbers] = {
      magic, 0, std::uint64_t(first_), std::uint64_t(best_), offsets_.size(), words_.size()};
  std::vector<std::byte> bytes(header_bytes + offsets_.size() * 8 + words_.size() * 4);
  std::memcpy(bytes.data(), header, header_bytes);
  std::memcpy(bytes.data() + header_bytes, offsets_.data(), offsets_.size() * 8);
  std::memcpy(bytes.data() + header_bytes + offsets_.size() * 8, words_.data(), words_.size() * 4);
  const std::uint64_t sum = checksum(bytes);
  std::memcpy(bytes.data() + 8, &sum, 8);
  write_atomically(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Shortlist Shortlist::open_text(const std::string& path, const Limits& limits, int source_words, int target_words,
                               bool shared, const Find& source, const Find& target) {
  const MappedFile file(path);
  std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  std::vector<std::vector<std::pair<float, int>>> found(static_cast<std::size_t>(source_words));
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text = text.substr(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    std::string_view fields[3];
    float probability = 0;
    require(split(line, fields), "{} line {}: expected 'target source probability', found '{}'", path, number,
            line.substr(0, 80));
    const auto [last, error] = std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), probability);
    require(error == std::errc() && last == fields[2].data() + fields[2].size() && probability >= 0,
            "{} line {}: expected a probability, found '{}'", path, number, fields[2].substr(0, 40));
    if (fields[0] == "NULL" || fields[1] == "NULL" || double(probability) < limits.prune) continue;
    const int t = target(fields[0]), s = source(fields[1]);
    if (s >= 0 && s < source_words && t >= 0 && t < target_words) found[std::size_t(s)].emplace_back(-probability, t);
  }
  std::vector<std::vector<int>> lists(found.size());
  for (std::size_t s = 0; s < found.size(); ++s) {
    std::sort(found[s].begin(), found[s].end());
    if (found[s].size() > std::size_t(limits.best)) found[s].resize(std::size_t(limits.best));
    for (const auto& [probability, word] : found[s]) lists[s].push_back(word);
  }
  return Shortlist(std::move(lists), limits.first, limits.best, target_words, shared);
}

}  // namespace dragoman
