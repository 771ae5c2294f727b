#include "service/translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "service/text_structure.h"
#include "translate/suspicion.h"

namespace dragoman {
namespace {

constexpr int most_alternatives = 32;
constexpr int sentences_at_a_time = 64;  ///< that a worker prepares before it looks for other work

/// The best translation has number 0; of the others only those that are new are kept.
void add_translation(TextTranslation& text, int number, std::string whole) {
  std::vector<std::string>& others = text.alternatives;
  if (number == 0) {
    text.text = std::move(whole);
  } else if (whole != text.text && std::find(others.begin(), others.end(), whole) == others.end()) {
    others.push_back(std::move(whole));
  }
}

void add_piece(std::vector<std::string>& pieces, const std::string& text) {
  if (!text.empty()) pieces.push_back(text);
}

}  // namespace

TranslationRun::TranslationRun(ServiceCore& core, TranslationRequest request, TranslationHandler handler)
    : TicketState(request.options, handler.failed),
      core_(core),
      request_(std::move(request)),
      handler_(std::move(handler)),
      route_(route_of(core, request_.source, request_.target)) {
  if (auto error = check_beam_size(request_.options)) throw *std::move(error);
  if (request_.alternatives < 0 || request_.alternatives > most_alternatives) {
    throw RequestError{
        RequestError::Kind::bad_request,
        fmt::format("alternatives: expected a number up to {}, found {}", most_alternatives, request_.alternatives)};
  }
  beam_size_ = request_.options.beam_size.value_or(core.options.search.beam_size);
  fragments_.resize(request_.texts.size());
  if (request_.format == TextFormat::html) documents_.resize(request_.texts.size());
}

long TranslationRun::tokens() const {
  long tokens = 0;
  for (const std::string& text : request_.texts) tokens += estimated_tokens(text);
  return tokens;
}

void TranslationRun::start() {
  const auto run = self();
  std::function<void(double)> progress;
  if (handler_.loading) progress = [run](double share) { run->tell([&] { run->handler_.loading(share); }); };
  get_models(
      core_, run, route_,
      [run](ServedModels models) {
        run->models_ = std::move(models);
        run->mask_forms_ = common_mask_forms(run->models_);
        run->core_.scheduler.post(run, [run](Arena&) { run->prepare(); });
      },
      std::move(progress));
}

void TranslationRun::prepare() {
  std::vector<SentenceJob> jobs;
  int prepared = 0;
  while (next_text_ < request_.texts.size() && prepared < sentences_at_a_time) {
    std::string& text = request_.texts[next_text_];
    if (request_.format == TextFormat::html) {
      prepared += prepare_html(std::move(text), jobs);
      ++next_text_;
      continue;
    }
    if (next_byte_ == 0 && next_paragraph_ == 0) text = repaired(std::move(text));
    const std::size_t end = std::min(text.find('\n', next_byte_), text.size());
    prepared += prepare_paragraph(std::string_view(text).substr(next_byte_, end - next_byte_), jobs);
    ++next_paragraph_;
    if (end < text.size()) {
      fragments_[next_text_].push_back({.literal = "\n"});
      next_byte_ = end + 1;
    } else {
      ++next_text_;
      next_byte_ = 0;
      next_paragraph_ = 0;
    }
  }
  if (!jobs.empty()) core_.scheduler.post(std::move(jobs));
  if (next_text_ < request_.texts.size()) {
    core_.scheduler.post(self(), [run = self()](Arena&) { run->prepare(); });
  } else {
    one_done();
  }
}

int TranslationRun::prepare_paragraph(std::string_view paragraph, std::vector<SentenceJob>& jobs) {
  const ServedModel& model = *models_.front();
  std::vector<Fragment>& fragments = fragments_[next_text_];
  const auto length = [&](std::string_view text) { return model.set.source.encode(text).size(); };
  const auto found = sentences_of(paragraph, model.source_language, model.longest_part, length);
  if (found.empty() && !paragraph.empty()) fragments.push_back({.literal = std::string(paragraph)});
  const bool spaces = !joins_sentences(models_.back()->target_language);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool glued = found[i].after.empty() && i + 1 < found.size() && found[i + 1].before.empty();
    Sentence& sentence = sentences_.emplace_back();
    sentence.text = int(next_text_);
    sentence.paragraph = next_paragraph_;
    sentence.number = int(i);
    sentence.source = found[i].text;
    sentence.before = found[i].before;
    sentence.after = sentence.target_after = found[i].after;
    if (glued && spaces) sentence.target_after = " ";
    fragments.push_back({.literal = "", .sentence = &sentence});
    sentence.guarded = request_.placeholders
                           ? std::make_unique<GuardedSentence>(sentence.source, core_.placeholders, mask_forms_)
                           : std::make_unique<GuardedSentence>(sentence.source);
    begin_sentence(sentence, jobs);
  }
  return int(found.size()) + 1;
}

int TranslationRun::prepare_html(std::string html, std::vector<SentenceJob>& jobs) {
  HtmlDocument& document = documents_[next_text_];
  document = parse_html(std::move(html));
  for (std::size_t i = 0; i < document.segments.size(); ++i) {
    Sentence& sentence = sentences_.emplace_back();
    sentence.text = int(next_text_);
    sentence.paragraph = int(i);
    sentence.source = document.segments[i].text;
    sentence.guarded = std::make_unique<GuardedSentence>(
        document.segments[i], request_.placeholders ? &core_.placeholders : nullptr, mask_forms_);
    begin_sentence(sentence, jobs);
  }
  return int(document.segments.size()) + 1;
}

void TranslationRun::begin_sentence(Sentence& sentence, std::vector<SentenceJob>& jobs) {
  to_do_.fetch_add(1);
  for (const std::string& text : sentence.guarded->requests()) sentence.units.push_back({.text = text});
  begin_stage(sentence, jobs);
}

bool TranslationRun::needs_attention(const Sentence& sentence) const {
  return request_.alignments || sentence.guarded->needs_alignment();
}

void TranslationRun::begin_stage(Sentence& sentence, std::vector<SentenceJob>& jobs) {
  int parts = 0;
  for (Unit& unit : sentence.units) {
    if (sentence.stage > 0) unit.text = unit.so_far.text();
    unit.parts.clear();
    // Segments of HTML are not cut into sentences yet.
    add_parts(unit, *models_[sentence.stage], request_.format == TextFormat::html);
    parts += int(unit.parts.size());
  }
  // One more than there are, so that the last of them is not done before all have begun.
  sentence.waiting = parts + 1;
  for (Unit& unit : sentence.units) {
    for (Part& part : unit.parts) begin_part(sentence, part, jobs);
  }
  if (sentence.waiting.fetch_sub(1) == 1) stage_done(sentence, jobs);
}

void TranslationRun::add_parts(Unit& unit, const ServedModel& model, bool is_cut) const {
  Part whole{.text = unit.text, .space = "", .segments = segments_of(model.set.source, unit.text)};
  if (whole.segments.size() <= model.longest_part && !is_cut) {
    unit.parts.push_back(std::move(whole));
    return;
  }
  const auto length = [&](std::string_view part) { return model.set.source.encode(part).size(); };
  for (const TrimmedText& part : sentences_of(unit.text, model.source_language, model.longest_part, length)) {
    if (!unit.parts.empty()) unit.parts.back().space += part.before;
    unit.parts.push_back({.text = std::string(part.text), .space = std::string(part.after)});
    unit.parts.back().segments = segments_of(model.set.source, part.text);
  }
  if (unit.parts.empty()) unit.parts.push_back(std::move(whole));  // white space alone
}

void TranslationRun::begin_part(Sentence& sentence, Part& part, std::vector<SentenceJob>& jobs) {
  const auto& model = models_[sentence.stage];
  if (part.segments.empty()) {
    sentence.waiting.fetch_sub(1);
    return;
  }
  if (part.segments.size() > model->longest_part) part.segments.resize(model->longest_part);  // a single character
  const bool last = is_last_stage(sentence), n_best = last && request_.alternatives > 0;
  const int beam = n_best ? std::max(beam_size_, request_.alternatives + 1) : beam_size_;
  SentenceJob job{.request = shared_from_this(),
                  .model = model,
                  .source = {},
                  .beam_size = beam,
                  .n_best = n_best,
                  .attention = needs_attention(sentence)};
  const std::string key = translation_key(job, part.text);
  part.found = core_.translations.find(key);
  core_.scheduler.count_cache(part.found != nullptr);
  if (part.found != nullptr) {
    sentence.waiting.fetch_sub(1);
    return;
  }
  for (const Segment& segment : part.segments) job.source.push_back(segment.id);
  job.source.push_back(model->set.source.end_id());
  const auto run = self();
  if (handler_.partial && last && sentence.guarded->is_plain() && sentence.units.front().parts.size() == 1) {
    job.partial = [run, &sentence](std::span<const TokenId> tokens, int settled) {
      run->tell_partial(sentence, tokens, settled);
    };
  }
  job.done = [run, &sentence, &part, key](NBest found) {
    part.found = std::make_shared<const NBest>(std::move(found));
    run->core_.translations.insert(key, part.found, bytes_of(*part.found));
    run->part_done(sentence);
  };
  jobs.push_back(std::move(job));
}

void TranslationRun::part_done(Sentence& sentence) {
  if (sentence.waiting.fetch_sub(1) != 1) return;
  std::vector<SentenceJob> jobs;
  stage_done(sentence, jobs);
  if (!jobs.empty()) core_.scheduler.post(std::move(jobs));
}

/// Of each part the hypothesis of that number, from 0, or the last.
PiecedTranslation TranslationRun::joined_parts(const Sentence& sentence, const Unit& unit, std::size_t number) const {
  const ServedModel& model = *models_[sentence.stage];
  std::vector<PiecedTranslation> parts;
  std::vector<std::string> spaces;
  for (const Part& part : unit.parts) {
    spaces.push_back(part.space);
    if (part.found == nullptr) {  // nothing that a model could see stays as it is
      parts.push_back({.source = {part.text}, .target = {part.text}});
    } else {
      const Hypothesis& hypothesis = (*part.found)[std::min(number, part.found->size() - 1)];
      parts.push_back(with_pieces(part.text, part.segments, model.set.target, hypothesis));
    }
  }
  PiecedTranslation translation = joined(std::move(parts), spaces);
  return sentence.stage > 0 ? composed(unit.so_far, translation) : translation;
}

void TranslationRun::add_problems(Sentence& sentence, const Unit& unit) const {
  for (const Part& part : unit.parts) {
    if (part.found == nullptr) continue;
    const Hypothesis& best = part.found->front();
    if (!best.complete) {
      sentence.problems.push_back(is_loop(best.tokens) ? "the translation repeats itself up to the length limit"
                                                       : "the translation was cut at the length limit");
    }
    if (best.tokens.empty()) sentence.problems.emplace_back("the translation is empty");
  }
}

void TranslationRun::stage_done(Sentence& sentence, std::vector<SentenceJob>& jobs) {
  std::vector<PiecedTranslation> others;
  if (is_last_stage(sentence) && sentence.units.size() == 1 && request_.alternatives > 0) {
    const Unit& unit = sentence.units.front();
    std::size_t count = 0;
    for (const Part& part : unit.parts) count = std::max(count, part.found != nullptr ? part.found->size() : 0);
    for (std::size_t number = 1; number < count; ++number) others.push_back(joined_parts(sentence, unit, number));
  }
  for (Unit& unit : sentence.units) {
    unit.so_far = joined_parts(sentence, unit, 0);
    add_problems(sentence, unit);
  }
  if (!is_last_stage(sentence)) {
    ++sentence.stage;
    return begin_stage(sentence, jobs);
  }
  std::vector<PiecedTranslation> translations;
  for (Unit& unit : sentence.units) translations.push_back(std::move(unit.so_far));
  std::optional<PiecedTranslation> result = sentence.guarded->answer(std::move(translations), std::move(others));
  if (!result) {
    sentence.units.clear();
    for (const std::string& text : sentence.guarded->requests()) sentence.units.push_back({.text = text});
    sentence.stage = 0;
    sentence.problems.clear();
    return begin_stage(sentence, jobs);
  }
  const auto& problems = sentence.guarded->problems();
  sentence.problems.insert(sentence.problems.end(), problems.begin(), problems.end());
  sentence.alternatives = sentence.guarded->alternatives();
  sentence_done(sentence, *std::move(result));
}

void TranslationRun::sentence_done(Sentence& sentence, PiecedTranslation translation) {
  SentenceTranslation& result = sentence.result;
  result = {.text = sentence.text, .paragraph = sentence.paragraph, .sentence = sentence.number};
  result.score = translation.tokens > 0 ? translation.log_probability / translation.tokens : 0;
  const int shift = sentence.before.empty() ? 0 : 1;
  if (request_.alignments) result.alignment = links_of(translation);
  for (AlignmentLink& link : result.alignment) {
    link.source += shift;
    link.target += shift;
  }
  const auto surrounded = [&](std::vector<std::string> pieces, const std::string& after) {
    if (shift > 0) pieces.insert(pieces.begin(), sentence.before);
    add_piece(pieces, after);
    return pieces;
  };
  result.source_pieces = surrounded(std::move(translation.source), sentence.after);
  result.target_pieces = surrounded(std::move(translation.target), sentence.target_after);
  for (auto& other : sentence.alternatives) other.text = sentence.before + other.text + sentence.target_after;
  core_.scheduler.count_sentence();
  core_.scheduler.release(*this, estimated_tokens(sentence.source));
  if (handler_.sentence) tell([&] { handler_.sentence(result); });
  one_done();
}

void TranslationRun::tell_partial(const Sentence& sentence, std::span<const TokenId> tokens, int settled) {
  const Vocabulary& vocabulary = models_.back()->set.target;
  // Bytes of a character that is not whole yet would be shown as what they are not.
  std::size_t shown = tokens.size();
  while (shown > 0 && vocabulary.piece(tokens[shown - 1]).starts_with("<0x")) --shown;
  settled = std::min(settled, int(shown));
  PartialSentence partial{.text = sentence.text, .paragraph = sentence.paragraph, .sentence = sentence.number};
  partial.pieces = target_pieces(vocabulary, tokens.first(shown), &settled);
  partial.settled = settled;
  if (!sentence.before.empty()) {
    partial.pieces.insert(partial.pieces.begin(), sentence.before);
    ++partial.settled;
  }
  tell([&] { handler_.partial(partial); });
}

void TranslationRun::one_done() {
  if (to_do_.fetch_sub(1) != 1) return;
  finish([&] {
    if (handler_.done) handler_.done(answer());
  });
}

TextTranslation TranslationRun::text_answer(const std::vector<Fragment>& fragments) const {
  TextTranslation text;
  for (int number = 0; number <= request_.alternatives; ++number) {
    std::string whole;
    for (const Fragment& fragment : fragments) {
      if (fragment.sentence == nullptr) {
        whole += fragment.literal;
      } else if (number == 0 || fragment.sentence->alternatives.empty()) {
        for (const std::string& piece : fragment.sentence->result.target_pieces) whole += piece;
      } else {
        const auto& others = fragment.sentence->alternatives;
        whole += others[std::min(others.size(), std::size_t(number)) - 1].text;
      }
    }
    add_translation(text, number, std::move(whole));
  }
  return text;
}

TextTranslation TranslationRun::html_answer(const HtmlDocument& document,
                                            std::span<const Sentence* const> segments) const {
  TextTranslation result;
  for (int number = 0; number <= request_.alternatives; ++number) {
    std::vector<MarkedText> marked;
    for (const Sentence* segment : segments) {
      const auto& others = segment->alternatives;
      const bool is_best = number == 0 || others.empty();
      marked.push_back(is_best ? segment->guarded->marked()
                               : others[std::min(others.size(), std::size_t(number)) - 1].marked);
    }
    add_translation(result, number, assemble_html(document, marked));
  }
  return result;
}

TranslationAnswer TranslationRun::answer() {
  TranslationAnswer result;
  std::vector<std::vector<const Sentence*>> segments(documents_.size());
  for (const Sentence& sentence : sentences_) {
    if (!segments.empty()) segments[std::size_t(sentence.text)].push_back(&sentence);
  }
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    result.translations.push_back(html_answer(documents_[i], segments[i]));
  }
  for (const std::vector<Fragment>& fragments : fragments_) {
    if (documents_.empty()) result.translations.push_back(text_answer(fragments));
  }
  for (Sentence& sentence : sentences_) {
    for (const std::string& problem : sentence.problems) {
      result.reports.push_back(
          {.text = sentence.text,
           .problem = fmt::format("line {}, sentence {}: {}", sentence.paragraph + 1, sentence.number + 1, problem)});
    }
    result.sentences.push_back(std::move(sentence.result));
  }
  return result;
}

}  // namespace dragoman
