#pragma once
// Tells whether a zstd stream ends where it should. The decompressor that we use takes a stream that stops in the
// middle of a frame for a complete one, which would make a truncated corpus look whole.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace dragoman {

/// Follows the frames and blocks of a zstd stream (RFC 8878, section 3) without decompressing them.
class ZstdFrames {
 public:
  /// Takes the next bytes of the stream, in pieces of any size.
  void feed(std::span<const char> bytes);
  /// Whether all frames seen so far are complete. Streams that are no zstd count as complete: the decompressor
  /// reports those.
  bool complete() const { return state_ == State::lost || (state_ == State::magic && have_ == 0); }

 private:
  enum class State { magic, skippable_size, descriptor, header, block_header, content, checksum, lost };

  void expect(State state, std::size_t bytes);
  void advance();
  void end_frame() { expect(State::magic, 4); }

  State state_ = State::magic;
  std::size_t need_ = 4;                  ///< bytes of the present field
  std::size_t have_ = 0;                  ///< of them seen
  std::array<unsigned char, 4> field_{};  ///< the present field, where its value matters
  bool checksum_follows_ = false;
  bool last_block_ = false;
};

}  // namespace dragoman
