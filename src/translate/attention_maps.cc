#include "translate/attention_maps.h"

#include <algorithm>
#include <sstream>
#include <tuple>

#include "base/error.h"
#include "translate/translator.h"

namespace dragoman {
namespace {

class Collector : public AttentionObserver {
 public:
  Collector(int source_tokens, int target_tokens) : source_(source_tokens), target_(target_tokens) {}

  void observe(const AttentionWeights& seen) override {
    AttentionMap& map = map_of(seen.place, seen.head);
    for (int i = 0; i < seen.queries; ++i) {
      float* row = map.weights.data() + std::ptrdiff_t(seen.first_query + i) * map.columns;
      for (int j = 0; j < std::min(seen.keys, map.columns); ++j) row[j] = seen.at(i, j);
    }
  }

  std::vector<AttentionMap> in_order() {
    std::sort(maps_.begin(), maps_.end(), [](const AttentionMap& a, const AttentionMap& b) {
      return std::tie(a.place.kind, a.place.layer, a.head) < std::tie(b.place.kind, b.place.layer, b.head);
    });
    return std::move(maps_);
  }

 private:
  AttentionMap& map_of(const AttentionPlace& place, int head) {
    for (AttentionMap& map : maps_) {
      if (map.place == place && map.head == head) return map;
    }
    const int rows = place.kind == AttentionKind::encoder ? source_ : target_;
    const int columns = place.kind == AttentionKind::decoder ? target_ : source_;
    maps_.push_back({place, head, rows, columns, std::vector<float>(std::size_t(rows) * std::size_t(columns))});
    return maps_.back();
  }

  int source_, target_;
  std::vector<AttentionMap> maps_;
};

std::vector<int> translated(const ModelSet& models, const std::string& source) {
  TranslatorOptions options;
  options.search.beam_size = 4;
  options.search.normalize = 1;
  options.batching.cpu_threads = 1;
  options.print_pieces = true;
  const SourceLine line{.text = source};
  std::istringstream pieces(Translator(models, options).translate({&line, 1}).at(0).candidates.at(0).text);
  std::vector<int> ids;
  for (std::string piece; pieces >> piece;) ids.push_back(models.target.id(piece));
  return ids;
}

std::vector<std::string> pieces_of(const Vocabulary& vocabulary, const std::vector<int>& ids) {
  std::vector<std::string> pieces;
  for (const int id : ids) pieces.push_back(vocabulary.piece(id));
  return pieces;
}

}  // namespace

PairAttention attention_of_pair(const ModelSet& models, const std::string& source,
                                const std::optional<std::string>& target) {
  std::vector<int> from = models.source.encode(source);
  require(!from.empty(), "source: expected a sentence, found none in '{}'", source);
  std::vector<int> to = target ? models.target.encode(*target) : translated(models, source);
  from.push_back(models.source.end_id());
  to.push_back(models.target.end_id());
  const int longest = models.longest_sentence();
  for (const auto* side : {&from, &to}) {
    require(longest == 0 || int(side->size()) <= longest, "{}: expected up to {} pieces, as the model takes, found {}",
            side == &from ? "source" : "target", longest, side->size());
  }
  const Seq2Seq& model = *models.models.at(0).model;
  std::vector<int> given = {-1};
  given.insert(given.end(), to.begin(), to.end() - 1);
  const std::vector<int> source_offsets = {0, int(from.size())}, target_offsets = {0, int(to.size())};
  Collector collector(int(from.size()), int(to.size()));
  Arena arena;
  const Context ctx{.arena = arena, .observer = &collector};
  const auto state = model.start(ctx, model.encode(ctx, {from, source_offsets}), Decoding::whole);
  model.step(ctx, *state, {given, target_offsets});
  return {pieces_of(models.source, from), pieces_of(models.target, to), collector.in_order()};
}

}  // namespace dragoman
