#include "text/validation_set.h"

#include <utility>

#include "base/error.h"

namespace dragoman {

std::vector<Batch> ValidationSet::batches(int sentences, const Vocabulary& source, const Vocabulary& target) const {
  return make_batches(pairs, {.sentences = sentences}, source.end_id(), target.end_id(), Random());
}

ValidationSet read_validation_set(const PairFiles& files, const Vocabulary& source, const Vocabulary& target,
                                  int max_length, const std::string& setting) {
  check(files, setting);
  ValidationSet set;
  PairReader reader(files, PairSelection::all);
  CleaningReport cropped;
  for (TextPair text; reader.next(text);) {
    SentencePair pair = {source.encode(text.source), target.encode(text.target), text.line};
    for (const int side : {0, 1}) {
      std::vector<int>& ids = side == 0 ? pair.source : pair.target;
      if (max_length > 0 && ids.size() > std::size_t(max_length)) {
        cropped.count(Flaw::cropped, reader.name(side), text.line);
        ids.resize(std::size_t(max_length));
      }
    }
    set.pairs.push_back(std::move(pair));
    set.sources.push_back(std::move(text.source));
    set.targets.push_back(std::move(text.target));
  }
  require(!set.pairs.empty(), "{}: {} has no lines", setting, reader.name(0));
  set.report = reader.report();
  set.report.add(cropped);
  return set;
}

}  // namespace dragoman
