#include "service/pivot.h"

#include <fmt/format.h>

#include <utility>

#include "service/sentence_batch.h"

namespace dragoman {
namespace {

/// The translation of a sentence by one model. It may be known already.
std::shared_ptr<const NBest> find_translation(ServiceCore& core, const std::shared_ptr<TicketState>& request,
                                              const std::shared_ptr<const ServedModel>& model, const std::string& text,
                                              std::span<const Segment> segments, Arena& arena) {
  SentenceJob job{.request = request,
                  .model = model,
                  .source = {},
                  .beam_size = request->options.beam_size.value_or(core.options.search.beam_size),
                  .attention = true};
  const std::string key = translation_key(job, text);
  std::shared_ptr<const NBest> found = core.translations.find(key);
  core.scheduler.count_cache(found != nullptr);
  if (found != nullptr) return found;
  for (const Segment& segment : segments) job.source.push_back(segment.id);
  job.source.push_back(model->set.source.end_id());
  found = std::make_shared<const NBest>(std::move(translate_batch({job}, core.options.search, arena, {})[0]));
  if (found->empty()) return nullptr;
  core.translations.insert(key, found, bytes_of(*found));
  return found;
}

}  // namespace

std::optional<LastSource> source_of_last(ServiceCore& core, const std::shared_ptr<TicketState>& request,
                                         const ServedModels& models, std::string text, Arena& arena) {
  LastSource source{.text = std::move(text)};
  for (std::size_t i = 0; i + 1 < models.size(); ++i) {
    const ServedModel& model = *models[i];
    const std::vector<Segment> segments = segments_of(model.set.source, source.text);
    if (segments.size() > model.longest_part) {
      throw RequestError{RequestError::Kind::bad_request,
                         fmt::format("the sentence is too long: {} tokens, and at most {} are translated in one piece",
                                     segments.size(), model.longest_part)};
    }
    PiecedTranslation translation{.source = {source.text}, .target = {source.text}};  // white space alone
    if (!segments.empty()) {
      const auto found = find_translation(core, request, models[i], source.text, segments, arena);
      if (found == nullptr) return std::nullopt;
      translation = with_pieces(source.text, segments, model.set.target, found->front());
    }
    source.text = translation.text();
    source.before = source.before ? composed(*source.before, translation) : std::move(translation);
  }
  return source;
}

PivotText pivot_text(const Route& route, const LastSource& source) {
  return source.before ? PivotText{.language = route.pivot, .text = source.text} : PivotText{};
}

}  // namespace dragoman
