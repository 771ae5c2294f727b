#pragma once
// A translation service by script, linked in place of the real one: answers that need no model, and overload, deadlines
// and slowness at will.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/service.h"

namespace dragoman {

struct TicketState {
  std::atomic<bool> is_cancelled = false;
  std::function<void()> on_cancel = {};
};

}  // namespace dragoman

namespace dragoman::testing {

/// What the service does, until the next test says otherwise. Without a script, "text" becomes "[pt] text".
struct Script {
  std::vector<TranslationDirection> directions = {{"en", "pt"}, {"en", "de"}, {"pt", "en"}, {"pt", "de", "en"}};
  std::optional<RequestError> error = {};  ///< all requests fail so
  std::function<void(const TranslationRequest&, const TranslationHandler&, TicketState&)> translate = {};
  TranslationRequest last_translation = {};
  CompletionRequest last_completion = {};
  AttentionRequest last_attention = {};
};

/// The script of this process. Not to be changed while requests are under way.
Script& script();

/// A sentence of one piece for each word, with diagonal links.
SentenceTranslation fake_sentence(const std::string& text, const std::string& target);

}  // namespace dragoman::testing
