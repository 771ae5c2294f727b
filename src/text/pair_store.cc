#include "text/pair_store.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace dragoman {
namespace {

/// What stands before the text of a pair, in memory and on disk.
struct Header {
  std::uint32_t line_low, line_high;  // two halves, so that the header has no padding
  std::uint32_t source_size, target_size, alignment_size;

  std::int64_t line() const { return std::int64_t(std::uint64_t(line_high) << 32 | line_low); }
  std::size_t text_size() const { return std::size_t(source_size) + target_size + alignment_size; }
  /// The pair whose text begins here.
  PairView pair(const char* text, std::size_t index) const {
    const char *const target = text + source_size, *const alignment = target + target_size;
    return {{text, source_size}, {target, target_size}, line(), index, {alignment, alignment_size}};
  }
};
static_assert(sizeof(Header) == record_header);

Header header_of(const PairView& pair) {
  return {std::uint32_t(pair.line), std::uint32_t(std::uint64_t(pair.line) >> 32), std::uint32_t(pair.source.size()),
          std::uint32_t(pair.target.size()), std::uint32_t(pair.alignment.size())};
}

}  // namespace

void PairStore::add(const PairView& pair) {
  const std::size_t size = record_header + pair.bytes();
  if (size > block_left_) {
    block_left_ = std::max(block_bytes, size);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_left_));
    block_next_ = blocks_.back().get();
  }
  const Header header = header_of(pair);
  std::memcpy(block_next_, &header, record_header);
  char* const text = block_next_ + record_header;
  char* const target = std::copy(pair.source.begin(), pair.source.end(), text);
  char* const alignment = std::copy(pair.target.begin(), pair.target.end(), target);
  std::copy(pair.alignment.begin(), pair.alignment.end(), alignment);
  records_.push_back(block_next_);
  block_next_ += size;
  block_left_ -= size;
  bytes_ += size;
}

PairView PairStore::at(std::size_t place) const {
  const std::size_t index = order_.empty() ? place : order_[place].index;
  Header header;
  std::memcpy(&header, records_[index], record_header);
  return header.pair(records_[index] + record_header, index);
}

void PairStore::shuffle(const Random& order) {
  order_.clear();
  std::vector<Place> places;
  places.reserve(size());
  const auto line = [&](std::size_t index) {
    Header header;
    std::memcpy(&header, records_[index], record_header);
    return header.line();
  };
  for (std::size_t i = 0; i < size(); ++i) places.push_back({shuffle_key(order, line(i)), i});
  std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
    return a.key != b.key ? a.key < b.key : line(a.index) < line(b.index);
  });
  order_ = std::move(places);
}

void write_pair(TempFile& file, const PairView& pair) {
  const Header header = header_of(pair);
  std::array<char, record_header> bytes;
  std::memcpy(bytes.data(), &header, record_header);
  file.write({bytes.data(), bytes.size()});
  file.write(pair.source);
  file.write(pair.target);
  file.write(pair.alignment);
}

bool PairFileReader::next(PairView& pair) {
  std::array<char, record_header> bytes;
  if (!reader_.read(bytes.data(), bytes.size())) return false;
  Header header;
  std::memcpy(&header, bytes.data(), record_header);
  text_.resize(header.text_size());
  reader_.read(text_.data(), text_.size());
  pair = header.pair(text_.data(), 0);
  return true;
}

}  // namespace dragoman
