#include "text/sentencepiece_log.h"

#include <sentencepiece_trainer.h>

#include <string>
#include <unordered_map>

namespace dragoman {

void silence_sentencepiece() {
  // The installed headers offer no other way than to begin a training, which sets the level before it refuses to go
  // on without a corpus.
  static const bool done = [] {
    const std::unordered_map<std::string, std::string> only_fatal = {{"minloglevel", "3"}};
    sentencepiece::SentencePieceTrainer::Train(only_fatal).IgnoreError();
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace dragoman
