#include "service/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "search/beam.h"
#include "service/completion_scorer.h"
#include "service/masked_completion.h"
#include "service/sentence_pieces.h"
#include "service/source_memory.h"
#include "service/text_structure.h"
#include "service/word_alternatives.h"

namespace dragoman {
namespace {

constexpr int most_alternatives = 20;

[[noreturn]] void refuse(RequestError::Kind kind, std::string message) {
  throw RequestError{kind, std::move(message), {}};
}

class StopWatcher : public SearchWatcher {
 public:
  explicit StopWatcher(const TicketState& request) : request_(request) {}
  bool gives_up(int) override { return request_.stopped(); }

 private:
  const TicketState& request_;
};

/// Stores where a decoder has been, as long as it has one row.
class Trail {
 public:
  Trail(const ModelScorer& scorer, SourceMemory& memory, std::vector<TokenId> fed, std::vector<float> attention)
      : scorer_(scorer), memory_(memory), newest_{std::move(fed), nullptr, std::move(attention)} {}

  /// After a step that fed `last`, or the first.
  void step(TokenId last, std::span<const float> attention) {
    if (last >= 0) {
      newest_.fed.push_back(last);
    } else {
      const std::vector<float>& skipped = scorer_.first_attention();
      newest_.attention.insert(newest_.attention.end(), skipped.begin(), skipped.end());
    }
    newest_.attention.insert(newest_.attention.end(), attention.begin(), attention.end());
    newest_.state = nullptr;
    if (last < 0 || !scorer_.state().can_go_back()) store();
    if (last < 0) first_ = newest_;
  }

  /// When the search has ended, and the scorer still stands where it was told last.
  void end() {
    if (newest_.state == nullptr) store();
  }

  /// After what was fed first.
  const DecodedPrefix& first() const { return first_; }

 private:
  void store() {
    newest_.state = scorer_.state().kept(0);
    memory_.store(newest_);
  }

  const ModelScorer& scorer_;
  SourceMemory& memory_;
  DecodedPrefix newest_, first_;
};

/// Tokens after the start as a hypothesis of the whole translation: with the attention of those that were fed before.
Hypothesis whole_hypothesis(const TargetPrefix& prefix, const Hypothesis& found, const std::vector<float>& attention) {
  Hypothesis whole = found;
  whole.tokens.insert(whole.tokens.begin(), prefix.forced().begin(), prefix.forced().end());
  whole.attention.insert(whole.attention.begin(), attention.begin(), attention.end());
  return whole;
}

}  // namespace

CompletionRun::CompletionRun(ServiceCore& core, CompletionRequest request, Handler<CompletionAnswer> handler)
    : TicketState(request.options, handler.failed),
      core_(core),
      request_(std::move(request)),
      handler_(std::move(handler)),
      route_(route_of(core, request_.source, request_.target)) {
  if (auto error = check_beam_size(request_.options)) throw *std::move(error);
  if (request_.alternatives < 0 || request_.alternatives > most_alternatives) {
    refuse(RequestError::Kind::bad_request,
           fmt::format("alternatives: expected a number up to {}, found {}", most_alternatives, request_.alternatives));
  }
}

void CompletionRun::start() {
  const auto run = std::static_pointer_cast<CompletionRun>(shared_from_this());
  get_models(core_, run, route_, [run](ServedModels models) {
    run->core_.scheduler.post(run, [run, m = std::move(models)](Arena& arena) { run->run(m, arena); });
  });
}

void CompletionRun::run(const ServedModels& models, Arena& arena) {
  try {
    std::optional<CompletionAnswer> answer = complete_protected(models, arena);
    if (!answer || stopped()) return;
    finish([&] {
      if (handler_.done) handler_.done(*std::move(answer));
    });
  } catch (RequestError& error) {
    fail(std::move(error));
  }
}

/// With masks in place of placeholders, of the form that keeps most of them. Nothing if the request has stopped.
std::optional<CompletionAnswer> CompletionRun::complete_protected(const ServedModels& models, Arena& arena) {
  const std::string text = repaired(request_.text);
  const std::vector<Placeholder> placeholders = core_.placeholders.find(text);
  std::optional<MaskedCompletion::Restored> best;
  for (const MaskForm& form : placeholders.empty() ? std::vector<MaskForm>() : common_mask_forms(models)) {
    auto masked = mask(text, placeholders, form);
    if (!masked) continue;
    const MaskedCompletion completion(*std::move(masked), request_.prefix);
    auto answer = complete(models, completion.text(), completion.prefix(), arena);
    if (!answer) return std::nullopt;
    if (completion.is_extended()) answer->alternatives.clear();
    auto restored = completion.restored(*std::move(answer));
    if (restored && (!best || restored->problems < best->problems)) best = std::move(restored);
    if (best && best->problems == 0) break;
  }
  if (best) return std::move(best->answer);
  return complete(models, text, request_.prefix, arena);
}

std::optional<CompletionAnswer> CompletionRun::complete(const ServedModels& models, const std::string& text,
                                                        const std::string& prefix, Arena& arena) {
  const auto source = source_of_last(core_, shared_from_this(), models, text, arena);
  if (!source) return std::nullopt;
  CompletionAnswer answer = complete(*models.back(), *source, prefix, arena);
  answer.pivot = pivot_text(route_, *source);
  return answer;
}

CompletionAnswer CompletionRun::complete(const ServedModel& model, const LastSource& source,
                                         const std::string& prefix_text, Arena& arena) {
  const std::string& text = source.text;
  const std::string key = fmt::format("{} {}", model.number, text);
  std::shared_ptr<SourceMemory> memory = core_.memories.find(key);
  core_.scheduler.count_cache(memory != nullptr);
  const int longest = model.set.longest_sentence();
  if (memory == nullptr) {
    const std::size_t tokens = segments_of(model.set.source, text).size();
    if (tokens > std::size_t(longest > 0 ? longest - 1 : 1000)) {
      refuse(RequestError::Kind::bad_request, fmt::format("the sentence is too long: {} tokens", tokens));
    }
    memory = std::make_shared<SourceMemory>(model, text, arena);
  }
  const TargetPrefix prefix(model.set.target, model.texts(), prefix_text);
  std::vector<TokenId> fed = {-1};
  fed.insert(fed.end(), prefix.forced().begin(), prefix.forced().end());
  const std::size_t room = prefix.rest().size() + 1;  // tokens that the rest may take, at most
  if (longest > 0 && fed.size() + room > std::size_t(longest)) {
    refuse(RequestError::Kind::bad_request,
           fmt::format("the prefix is too long: {} tokens, and the model writes {}", fed.size() + room, longest));
  }
  CompletionAnswer answer;
  if (memory->segments().empty()) {
    if (!prefix_text.empty()) answer.pieces = {prefix_text};
    if (source.before) {
      answer.source_pieces = source.before->source;
    } else if (!text.empty()) {
      answer.source_pieces = {text};
    }
    return answer;
  }

  std::vector<std::vector<TokenId>> candidates;
  if (!memory->shortlist().empty()) {
    candidates.push_back(memory->shortlist());
    candidates.back().push_back(model.set.target.end_id());
    prefix.add_to(candidates.back());
  }
  SearchOptions search = core_.options.search;
  search.beam_size = request_.options.beam_size.value_or(search.beam_size);
  search.n_best = false;
  search.min_length = std::max(0, search.min_length - int(prefix.forced().size()));
  if (longest > 0) search.max_length = longest - int(fed.size());
  SourceMemory::Begun begun = memory->begin(fed);
  ModelScorer scorer(model.model(), arena, std::move(begun.state),
                     {fed.begin() + std::ptrdiff_t(begun.tokens), fed.end()}, model.set.target.end_id(), candidates);
  CompletionScorer restricted(scorer, prefix);
  Trail trail(scorer, *memory, fed, std::move(begun.attention));
  std::vector<float> first_scores;
  restricted.follow([&](TokenId last, std::span<const float> scores) {
    if (last < 0 && request_.alternatives > 0) first_scores.assign(scores.begin(), scores.end());
    trail.step(last, scorer.attention(0));
  });
  StopWatcher watcher(*this);
  const std::vector<int> lengths = {int(memory->segments().size()) + 1};
  const NBest found =
      beam_search(restricted, lengths, search,
                  {.unk_token = model.set.target.unk_id(), .keeps_attention = true, .watcher = &watcher})[0];
  if (found.empty()) return answer;  // stopped
  if (restricted.follows()) trail.end();

  const std::vector<float>& looked = trail.first().attention;
  const std::size_t width = looked.size() / fed.size();
  const Hypothesis whole = whole_hypothesis(prefix, found[0], {looked.begin(), looked.end() - std::ptrdiff_t(width)});
  PiecedTranslation pieces = with_pieces(text, memory->segments(), prefix.token_texts(found[0].tokens), whole);
  if (source.before) pieces = composed(*source.before, pieces);
  answer.rest = pieces.text().substr(prefix_text.size());
  answer.alignment = links_of(pieces);
  answer.pieces = std::move(pieces.target);
  answer.source_pieces = std::move(pieces.source);
  if (request_.alternatives > 0) {
    ModelScorer others(model.model(), arena, trail.first().state->kept(0), {}, model.set.target.end_id(), candidates);
    CompletionScorer other_rows(others, prefix);
    const bool spaces = !joins_sentences(model.target_language);
    const auto& tokens = candidates.empty() ? std::vector<TokenId>() : candidates[0];
    answer.alternatives = word_alternatives(other_rows, first_scores, tokens, model.texts(), prefix,
                                            {.count = request_.alternatives,
                                             .spaces = spaces,
                                             .unknown = model.set.target.unk_id(),
                                             .but_not = std::string(first_word(answer.rest))},
                                            [this] { return stopped(); });
  }
  core_.memories.insert(key, memory, memory->bytes());
  return answer;
}

}  // namespace dragoman
