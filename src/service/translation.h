#pragma once
// A request to translate texts, from its paragraphs to their translations.

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/core.h"
#include "service/guarded_sentence.h"
#include "service/request.h"

namespace dragoman {

class TranslationRun : public TicketState {
 public:
  /// Throws RequestError for what cannot be.
  TranslationRun(ServiceCore& core, TranslationRequest request, TranslationHandler handler);

  /// About how many source tokens it has.
  long tokens() const;

  /// Begins, once admitted.
  void start();

 private:
  /// A sentence, or part of one that is too long for a model.
  struct Part {
    std::string text;
    std::string space;  ///< between it and the next
    std::vector<Segment> segments = {};
    std::shared_ptr<const NBest> found = {};
  };
  /// A text that is translated through all models.
  struct Unit {
    std::string text;
    PiecedTranslation so_far = {};  ///< by the models before
    std::vector<Part> parts = {};
  };
  struct Sentence {
    int text = 0, paragraph = 0, number = 0;
    std::string source, before, after, target_after;
    std::unique_ptr<GuardedSentence> guarded = {};
    std::size_t stage = 0;         ///< which model of the route it is at
    std::vector<Unit> units = {};  ///< what `guarded` asks for
    std::atomic<int> waiting = 0;  ///< parts
    SentenceTranslation result = {};
    std::vector<GuardedSentence::Alternative> alternatives = {};
    std::vector<std::string> problems = {};
  };
  /// What a text is put together from.
  struct Fragment {
    std::string literal = {};
    const Sentence* sentence = nullptr;  ///< instead
  };

  std::shared_ptr<TranslationRun> self() { return std::static_pointer_cast<TranslationRun>(shared_from_this()); }
  void prepare();
  int prepare_paragraph(std::string_view paragraph, std::vector<SentenceJob>& jobs);
  int prepare_html(std::string html, std::vector<SentenceJob>& jobs);
  void begin_sentence(Sentence& sentence, std::vector<SentenceJob>& jobs);
  void begin_stage(Sentence& sentence, std::vector<SentenceJob>& jobs);
  void add_parts(Unit& unit, const ServedModel& model, bool is_cut) const;
  void begin_part(Sentence& sentence, Part& part, std::vector<SentenceJob>& jobs);
  PiecedTranslation joined_parts(const Sentence& sentence, const Unit& unit, std::size_t number) const;
  void add_problems(Sentence& sentence, const Unit& unit) const;
  void part_done(Sentence& sentence);
  void stage_done(Sentence& sentence, std::vector<SentenceJob>& jobs);
  void sentence_done(Sentence& sentence, PiecedTranslation translation);
  void one_done();
  void tell_partial(const Sentence& sentence, std::span<const TokenId> tokens, int settled);
  TextTranslation text_answer(const std::vector<Fragment>& fragments) const;
  TextTranslation html_answer(const HtmlDocument& document, std::span<const Sentence* const> segments) const;
  TranslationAnswer answer();
  bool is_last_stage(const Sentence& sentence) const { return sentence.stage + 1 == models_.size(); }
  bool needs_attention(const Sentence& sentence) const;

  ServiceCore& core_;
  TranslationRequest request_;
  const TranslationHandler handler_;
  const Route route_;
  ServedModels models_;
  int beam_size_ = 1;
  std::vector<MaskForm> mask_forms_ = {};  ///< that all models take

  // Where preparation stands; one worker at a time.
  std::size_t next_text_ = 0, next_byte_ = 0;
  int next_paragraph_ = 0;
  std::deque<Sentence> sentences_;
  std::vector<std::vector<Fragment>> fragments_;  ///< of each text
  std::vector<HtmlDocument> documents_;           ///< instead, of HTML
  std::atomic<int> to_do_ = 1;                    ///< sentences begun and not done, and preparation
};

}  // namespace dragoman
