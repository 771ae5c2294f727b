#pragma once
// The sentence between two models, for requests about one sentence.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/core.h"
#include "service/sentence_pieces.h"

namespace dragoman {

/// What the last model of a route reads.
struct LastSource {
  std::string text;
  std::optional<PiecedTranslation> before = {};  ///< how the models before it made that of the request's text
};

/// Translates a sentence by all models but the last, in the calling thread, as a translation request would. Nothing if
/// the request has stopped. Throws RequestError for a sentence that is too long for one of them.
std::optional<LastSource> source_of_last(ServiceCore& core, const std::shared_ptr<TicketState>& request,
                                         const ServedModels& models, std::string text, Arena& arena);

/// What an answer says of the sentence between; empty where one model does it.
PivotText pivot_text(const Route& route, const LastSource& source);

}  // namespace dragoman
