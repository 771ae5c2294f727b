#pragma once
// A source sentence that somebody is translating by hand: its encoding, and where decoders have been.

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "model/seq2seq.h"
#include "service/model_store.h"
#include "text/vocabulary.h"

namespace dragoman {

/// A decoder's state after some tokens of a translation.
struct DecodedPrefix {
  std::vector<TokenId> fed;                   ///< -1, the start, and the tokens after it
  std::shared_ptr<const DecoderState> state;  ///< kept; after all of them
  std::vector<float> attention;               ///< [fed, source]: what each looked at to tell the next
};

/// Encodes once. States of prefixes are stored for those that come later: longer, or shorter, or changed in the middle.
/// Safe to use from all threads.
class SourceMemory {
 public:
  /// The arena is given back as it was.
  SourceMemory(const ServedModel& model, const std::string& text, Arena& arena);

  const std::vector<Segment>& segments() const { return segments_; }    ///< without </s>
  const std::vector<TokenId>& shortlist() const { return shortlist_; }  ///< empty: all tokens

  /// A state of the longest beginning of `fed` that is known and shorter than it; perhaps of nothing.
  struct Begun {
    std::unique_ptr<DecoderState> state;
    std::size_t tokens = 0;  ///< so many of `fed`
    std::vector<float> attention = {};
  };
  Begun begin(const std::vector<TokenId>& fed) const;

  void store(DecodedPrefix prefix);
  std::size_t bytes() const;

 private:
  std::vector<Segment> segments_;
  std::vector<TokenId> shortlist_;
  std::unique_ptr<DecoderState> start_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const DecodedPrefix>> prefixes_;  ///< the newest last
};

}  // namespace dragoman
