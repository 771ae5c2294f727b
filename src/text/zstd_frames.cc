#include "text/zstd_frames.h"

#include <algorithm>

namespace dragoman {

void ZstdFrames::feed(std::span<const char> bytes) {
  while (!bytes.empty() && state_ != State::lost) {
    const std::size_t taken = std::min(bytes.size(), need_ - have_);
    for (std::size_t i = 0; i < taken && have_ + i < field_.size(); ++i) {
      field_[have_ + i] = static_cast<unsigned char>(bytes[i]);
    }
    have_ += taken;
    bytes = bytes.subspan(taken);
    if (have_ == need_) advance();
  }
}

void ZstdFrames::expect(State state, std::size_t bytes) {
  state_ = state;
  need_ = bytes;
  have_ = 0;
  if (bytes == 0) advance();
}

void ZstdFrames::advance() {
  const std::uint32_t value = field_[0] | std::uint32_t(field_[1]) << 8 | std::uint32_t(field_[2]) << 16;
  const std::uint32_t value4 = value | std::uint32_t(field_[3]) << 24;
  switch (state_) {
    case State::magic:
      if (value4 == 0xFD2FB528u) return expect(State::descriptor, 1);
      if ((value4 & 0xFFFFFFF0u) == 0x184D2A50u) return expect(State::skippable_size, 4);
      state_ = State::lost;
      return;
    case State::skippable_size:
      checksum_follows_ = false;
      last_block_ = true;
      return expect(State::content, value4);
    case State::descriptor: {
      const unsigned descriptor = field_[0];
      const bool single_segment = (descriptor & 0x20) != 0;
      constexpr std::array<std::size_t, 4> dictionary_id_bytes = {0, 1, 2, 4};
      const std::array<std::size_t, 4> content_size_bytes = {single_segment ? 1u : 0u, 2, 4, 8};
      checksum_follows_ = (descriptor & 0x04) != 0;
      return expect(State::header, (single_segment ? 0 : 1) + dictionary_id_bytes[descriptor & 3] +
                                       content_size_bytes[descriptor >> 6]);
    }
    case State::header:
      return expect(State::block_header, 3);
    case State::block_header: {
      last_block_ = (value & 1) != 0;
      const bool run_length = ((value >> 1) & 3) == 1;
      return expect(State::content, run_length ? 1 : value >> 3);
    }
    case State::content:
      if (!last_block_) return expect(State::block_header, 3);
      return checksum_follows_ ? expect(State::checksum, 4) : end_frame();
    case State::checksum:
      return end_frame();
    case State::lost:
      return;
  }
}

}  // namespace dragoman
