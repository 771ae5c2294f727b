#include "text/pair_store.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace dragoman {
namespace {

/// What stands before the text of a pair, in memory and on disk.
struct Header {
  std::int64_t line;
  std::uint32_t source_size, target_size;
};
static_assert(sizeof(Header) == record_header);

Header header_of(const PairView& pair) {
  return {pair.line, std::uint32_t(pair.source.size()), std::uint32_t(pair.target.size())};
}

}  // namespace

void PairStore::add(const PairView& pair) {
  const std::size_t size = record_header + pair.source.size() + pair.target.size();
  if (size > block_left_) {
    block_left_ = std::max(block_bytes, size);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_left_));
    block_next_ = blocks_.back().get();
  }
  const Header header = header_of(pair);
  std::memcpy(block_next_, &header, record_header);
  char* const text = block_next_ + record_header;
  std::copy(pair.source.begin(), pair.source.end(), text);
  std::copy(pair.target.begin(), pair.target.end(), text + pair.source.size());
  records_.push_back(block_next_);
  block_next_ += size;
  block_left_ -= size;
  bytes_ += size;
}

PairView PairStore::at(std::size_t place) const {
  const std::size_t index = order_.empty() ? place : order_[place].index;
  Header header;
  std::memcpy(&header, records_[index], record_header);
  const char* const text = records_[index] + record_header;
  return {{text, header.source_size}, {text + header.source_size, header.target_size}, header.line, index};
}

void PairStore::shuffle(const Random& order) {
  order_.clear();
  std::vector<Place> places;
  places.reserve(size());
  const auto line = [&](std::size_t index) {
    Header header;
    std::memcpy(&header, records_[index], record_header);
    return header.line;
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
}

bool PairFileReader::next(PairView& pair) {
  std::array<char, record_header> bytes;
  if (!reader_.read(bytes.data(), bytes.size())) return false;
  Header header;
  std::memcpy(&header, bytes.data(), record_header);
  text_.resize(std::size_t(header.source_size) + header.target_size);
  reader_.read(text_.data(), text_.size());
  const std::string_view text = text_;
  pair = {text.substr(0, header.source_size), text.substr(header.source_size), header.line, 0};
  return true;
}

}  // namespace dragoman
