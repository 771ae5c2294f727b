// Placeholders and tags on their way through a service: whatever a model does to a text, they arrive.

#include <fstream>
#include <sstream>

#include "markup/html_tokens.h"
#include "service/service_support.h"

namespace dragoman::testing {
namespace {

/// A line of tests/markup/strings.tsv: its kind (text or html), the string, and what must arrive.
struct Marked {
  TextFormat format = TextFormat::text;
  std::string text;
  std::vector<std::string> kept;
};

std::vector<Marked> marked_strings() {
  std::ifstream file(std::string(DRAGOMAN_SOURCE_DIR) + "/tests/markup/strings.tsv");
  std::vector<Marked> all;
  for (std::string line; std::getline(file, line);) {
    std::istringstream columns(line);
    std::string kind;
    std::getline(columns, kind, '\t');
    Marked marked{.format = kind == "html" ? TextFormat::html : TextFormat::text, .text = "", .kept = {}};
    std::getline(columns, marked.text, '\t');
    for (std::string column; std::getline(columns, column, '\t');) marked.kept.push_back(column);
    all.push_back(std::move(marked));
  }
  return all;
}

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

/// All tags of a text, sorted.
std::vector<std::string> tags_of(const std::string& html) {
  std::vector<std::string> tags;
  for (const HtmlToken& token : html_tokens(html)) {
    if (token.kind == HtmlToken::Kind::text || token.kind == HtmlToken::Kind::raw) continue;
    tags.push_back(html.substr(token.begin, token.end - token.begin));
  }
  std::sort(tags.begin(), tags.end());
  return tags;
}

/// Translates all strings and expects that what must arrive does, in each alternative too, of which there are so many
/// at least.
void expect_all_arrive(Service& service, const std::string& source, const std::string& target,
                       std::size_t fewest_alternatives) {
  const std::vector<Marked> all = marked_strings();
  ASSERT_EQ(all.size(), 300);
  for (const TextFormat format : {TextFormat::text, TextFormat::html}) {
    TranslationRequest request{.texts = {}, .source = source, .target = target, .format = format, .alternatives = 3};
    std::size_t alternatives = 0;
    std::vector<const Marked*> asked;
    for (const Marked& marked : all) {
      if (marked.format != format) continue;
      asked.push_back(&marked);
      request.texts.push_back(marked.text);
    }
    const auto answer = service.translate(request);
    ASSERT_EQ(answer.translations.size(), asked.size());
    for (std::size_t i = 0; i < asked.size(); ++i) {
      std::vector<std::string> texts = answer.translations[i].alternatives;
      alternatives += texts.size();
      EXPECT_LE(texts.size(), 3u);
      texts.push_back(answer.translations[i].text);
      for (const std::string& text : texts) {
        for (const std::string& kept : asked[i]->kept) {
          EXPECT_EQ(occurrences(text, kept), occurrences(asked[i]->text, kept))
              << kept << " of\n  " << asked[i]->text << "\nin\n  " << text;
        }
        if (format == TextFormat::html) {
          EXPECT_EQ(tags_of(text), tags_of(asked[i]->text)) << text;
        }
      }
      std::sort(texts.begin(), texts.end());
      EXPECT_EQ(std::unique(texts.begin(), texts.end()), texts.end()) << "all are different";
    }
    EXPECT_GE(alternatives, fewest_alternatives);
  }
}

TEST(Guarded, PlaceholdersAndTagsArriveThroughAModelThatGarblesEverything) {
  ToyService toy;
  Service service(toy.options);
  expect_all_arrive(service, "aa", "bb", 100);
}

TEST(Guarded, AndThroughAThirdLanguage) {
  ToyService toy;
  toy.options.models.push_back(toy_service_model(toy.folder, "bb", "cc", 2));
  Service service(toy.options);
  expect_all_arrive(service, "aa", "cc", 100);
}

TEST(Guarded, AndThroughARealModel) {
  DRAGOMAN_SKIP_WITHOUT_TINY_MODEL();
  Service service({.models = {{.path = tiny_model()}}});
  expect_all_arrive(service, "en", "pt", 200);
}

TEST(Guarded, TagsFollowTheirWordsInARealModel) {
  DRAGOMAN_SKIP_WITHOUT_TINY_MODEL();
  Service service({.models = {{.path = tiny_model()}}});
  const auto answer = service.translate({.texts = {"<p>Open the <b>red</b> door.</p>\n<p>\n  Close it.</p>"},
                                         .source = "en",
                                         .target = "pt",
                                         .format = TextFormat::html});
  EXPECT_TRUE(answer.translations[0].text.starts_with("<p>Abra a porta <b>vermelha</b>.</p>\n<p>\n  Fech"))
      << answer.translations[0].text;
}

TEST(Guarded, WithoutProtectionTextIsTheModelsBusiness) {
  DRAGOMAN_SKIP_WITHOUT_TINY_MODEL();
  Service service({.models = {{.path = tiny_model()}}});
  TranslationRequest request{.texts = {"Hello {{user.name}}!"}, .source = "en", .target = "pt", .placeholders = false};
  EXPECT_EQ(service.translate(request).translations[0].text.find("{{user.name}}"), std::string::npos);
  request.placeholders = true;
  EXPECT_NE(service.translate(request).translations[0].text.find("{{user.name}}"), std::string::npos);
}

TEST(Guarded, PiecesMakeTheSourceAndTheTranslation) {
  ToyService toy;
  Service service(toy.options);
  auto request = toy_request({"a %s b {name} c"});
  request.alignments = true;
  const auto answer = service.translate(request);
  ASSERT_EQ(answer.sentences.size(), 1);
  EXPECT_EQ(whole(answer.sentences[0].source_pieces), "a %s b {name} c");
  EXPECT_EQ(whole(answer.sentences[0].target_pieces), answer.translations[0].text);
}

TEST(Guarded, CompletionsHaveThePlaceholdersThatThePrefixHasNot) {
  DRAGOMAN_SKIP_WITHOUT_TINY_MODEL();
  Service service({.models = {{.path = tiny_model()}}, .threads = 1});
  const auto complete = [&](const std::string& text, const std::string& prefix) {
    const auto answer =
        service.complete({.text = text, .prefix = prefix, .source = "en", .target = "pt", .alternatives = 4});
    EXPECT_EQ(whole(answer.pieces), prefix + answer.rest);
    EXPECT_EQ(whole(answer.source_pieces), text);
    return answer;
  };
  EXPECT_NE(complete("Hello {{user.name}}!", "").rest.find("{{user.name}}"), std::string::npos);
  EXPECT_EQ(occurrences(complete("Hello {{user.name}}, welcome!", "Olá {{user.name}}, seja").rest, "{{"), 0);
  EXPECT_TRUE(complete("Hello {{user.name}}!", "Oi, {{us").rest.starts_with("er.name}}"));
  EXPECT_EQ(occurrences(complete("Cannot open %s: %s", "Não é possível abrir %s").rest, "%s"), 1);
  std::size_t kept = 0, expected = 0;
  for (const Marked& marked : marked_strings()) {
    if (marked.format == TextFormat::html) continue;
    const std::string rest = complete(marked.text, "").rest;
    for (const std::string& placeholder : marked.kept) {
      ++expected;
      kept += occurrences(rest, placeholder) == occurrences(marked.text, placeholder) ? 1 : 0;
    }
  }
  EXPECT_GE(double(kept), 0.97 * double(expected)) << kept << " of " << expected;
  for (const auto& alternative : complete("Hello {{user.name}}!", "Olá").alternatives) {
    EXPECT_EQ(alternative.word.find("XPH"), std::string::npos) << alternative.word;
    EXPECT_EQ(alternative.preview.find("XPH"), std::string::npos) << alternative.preview;
    EXPECT_EQ((alternative.word + alternative.preview).find("ph0"), std::string::npos) << alternative.preview;
  }
}

TEST(Guarded, CompletionsHonourPrefixesThatAreCutAnywhere) {
  ToyService toy;
  toy.options.models.push_back(toy_service_model(toy.folder, "bb", "cc", 2));
  Service service(toy.options);
  for (const Marked& marked : marked_strings()) {
    if (marked.text.size() % 4 != 0) continue;  // a part of them, to save time
    for (const std::string target : {"bb", "cc"}) {
      for (const std::size_t size : {std::size_t(0), marked.text.size() / 2, marked.text.size()}) {
        const std::string prefix = marked.text.substr(0, size);
        const auto answer = service.complete(
            {.text = marked.text, .prefix = prefix, .source = "aa", .target = target, .alternatives = 2});
        EXPECT_EQ(whole(answer.pieces), prefix + answer.rest);
        EXPECT_EQ(whole(answer.source_pieces), marked.text);
      }
    }
  }
}

TEST(Guarded, DamagedNumbersAreReported) {
  ToyService toy;
  Service service(toy.options);
  const auto answer = service.translate(toy_request({"a b 345 c"}));
  if (answer.translations[0].text.find("345") == std::string::npos) {
    ASSERT_FALSE(answer.reports.empty());
    EXPECT_NE(answer.reports.back().problem.find("the number 345 is not in the translation"), std::string::npos);
  }
}

}  // namespace
}  // namespace dragoman::testing
