#include "server/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/files.h"
#include "server/server_support.h"
#include "text/text_support.h"

namespace dragoman::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() { script() = {}; }
  const Json hello = {{"q", "Hello"}, {"source", "en"}, {"target", "pt"}};
};

TEST_F(ApiTest, TranslatesATextAsLibreTranslateDoes) {
  TestApi server;
  EXPECT_EQ(json_of(server.post("/translate", hello)), (Json{{"translatedText", "[pt] Hello"}}));
  const auto reply =
      server.post("/translate", {{"q", {"a", "b"}}, {"source", "en"}, {"target", "de"}, {"alternatives", 2}});
  EXPECT_EQ(reply->response.status, 200);
  EXPECT_EQ(json_of(reply),
            (Json{{"translatedText", {"[de] a", "[de] b"}},
                  {"alternatives", Json::array({Json::array({"0 a", "1 a"}), Json::array({"0 b", "1 b"})})}}));
  EXPECT_EQ(*header_of(reply->response, "Cache-Control"), "no-store");
  EXPECT_EQ(header_of(reply->response, "Access-Control-Allow-Origin"), nullptr);
}

TEST_F(ApiTest, TakesFormsAsWellAsJson) {
  TestApi server;
  const auto reply = server.ask({.method = "POST",
                                 .path = "/translate",
                                 .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                 .body = "q=Hello+you&source=en&target=pt&alternatives=1"});
  EXPECT_EQ(json_of(reply), (Json{{"translatedText", "[pt] Hello you"}, {"alternatives", {"0 Hello you"}}}));
  const auto parts = server.ask({.method = "POST",
                                 .path = "/translate",
                                 .headers = {{"Content-Type", "multipart/form-data; boundary=x"}},
                                 .body = "--x\r\nContent-Disposition: form-data; name=q\r\n\r\nHello\r\n--x\r\n"
                                         "Content-Disposition: form-data; name=source\r\n\r\nen\r\n--x\r\n"
                                         "Content-Disposition: form-data; name=target\r\n\r\npt\r\n--x--\r\n"});
  EXPECT_EQ(json_of(parts), (Json{{"translatedText", "[pt] Hello"}}));
}

TEST_F(ApiTest, DetectsTheLanguageForAutoAmongThoseThatHaveAModel) {
  TestApi server;
  const Json answer = json_of(server.post(
      "/translate", {{"q", "The cat sat on the mat and fell asleep."}, {"source", "auto"}, {"target", "pt"}}));
  EXPECT_EQ(answer["detectedLanguage"]["language"], "en");
  EXPECT_GT(answer["detectedLanguage"]["confidence"].get<double>(), 70);
  const Json list = json_of(server.post("/translate", {{"q", {"ok", "12"}}, {"source", "auto"}, {"target", "pt"}}));
  EXPECT_EQ(list["detectedLanguage"].size(), 2u);
  EXPECT_EQ(script().last_translation.source, "en");
}

TEST_F(ApiTest, LeavesATextThatIsInTheTargetLanguageAsItIs) {
  TestApi server;
  const std::string text = "O gato sentou-se no tapete e adormeceu depressa.";
  const Json answer = json_of(server.post("/translate", {{"q", text}, {"source", "auto"}, {"target", "pt"}}));
  EXPECT_EQ(answer["translatedText"], text);
  EXPECT_EQ(json_of(server.post("/translate", {{"q", text}, {"source", "pt"}, {"target", "pt"}}))["translatedText"],
            text);
}

TEST_F(ApiTest, PassesOptionsOn) {
  TestApi server;
  Json request = hello;
  request.update({{"format", "html"}, {"priority", "bulk"}, {"beam", 4}, {"alternatives", 3}});
  const Json answer = json_of(server.post("/translate", request));
  EXPECT_EQ(answer["alternatives"].size(), 3u) << "LibreTranslate's are always empty for HTML";
  const TranslationRequest& last = script().last_translation;
  EXPECT_EQ(last.format, TextFormat::html);
  EXPECT_EQ(last.options.priority, Priority::bulk);
  EXPECT_EQ(last.options.beam_size, 4);
  EXPECT_EQ(last.options.id, "7357");
}

TEST_F(ApiTest, ADeadlineOfTheClientCanOnlyBeSooner) {
  TestApi server({.limits = {.deadline = 10}});
  const auto seconds = [&](const Json& request) {
    server.post("/translate", request);
    return std::chrono::duration<double>(*script().last_translation.options.deadline - std::chrono::steady_clock::now())
        .count();
  };
  Json request = hello;
  EXPECT_NEAR(seconds(request), 10, 5);
  request["deadline_ms"] = 1'000'000;
  EXPECT_NEAR(seconds(request), 10, 5);
  request["deadline_ms"] = 100;
  EXPECT_LT(seconds(request), 0.2);
}

TEST_F(ApiTest, SaysWhatIsWrongWithARequest) {
  TestApi server({.limits = {.char_limit = 10, .batch_limit = 2, .alternatives_limit = 3}});
  const auto error = [&](const char* path, const Json& request, int status = 400) {
    const auto reply = server.post(path, request);
    EXPECT_EQ(reply->response.status, status) << request;
    EXPECT_EQ(json_of(reply)["id"], "7357");
    return json_of(reply)["error"].get<std::string>();
  };
  const auto with = [&](const char* name, Json value) {
    Json request = hello;
    request[name] = std::move(value);
    return request;
  };
  EXPECT_EQ(error("/translate", {{"source", "en"}, {"target", "pt"}}), "Invalid request: missing q parameter");
  EXPECT_EQ(error("/translate", {{"q", "x"}, {"target", "pt"}}), "Invalid request: missing source parameter");
  EXPECT_EQ(error("/translate", {{"q", "x"}, {"source", "en"}}), "Invalid request: missing target parameter");
  EXPECT_THAT(error("/translate", with("source", "zz")), HasSubstr("zz is not supported"));
  EXPECT_THAT(error("/translate", with("target", "zz")), HasSubstr("zz is not supported"));
  EXPECT_THAT(error("/translate", with("target", "<script>")), Not(HasSubstr("script")));
  EXPECT_THAT(error("/translate", with("q", 5)), HasSubstr("q: expected a text or a list of texts"));
  EXPECT_THAT(error("/translate", with("q", {"a", 5})), HasSubstr("q: expected a text or a list of texts"));
  EXPECT_EQ(error("/translate", with("q", "ááááááááááá")), "Invalid request: request (11) exceeds text limit (10)");
  EXPECT_THAT(error("/translate", with("q", {"a", "b", "c"})), HasSubstr("request (3) exceeds the limit of texts (2)"));
  EXPECT_THAT(error("/translate", with("alternatives", 4)), HasSubstr("alternatives (4) exceed the limit (3)"));
  EXPECT_THAT(error("/translate", with("alternatives", -1)), HasSubstr("alternatives"));
  EXPECT_THAT(error("/translate", with("alternatives", 1.5)), HasSubstr("a whole number"));
  EXPECT_THAT(error("/translate", with("format", "pdf")), HasSubstr("format"));
  EXPECT_THAT(error("/translate", with("priority", "high")), HasSubstr("priority"));
  EXPECT_THAT(error("/translate", with("beam", 1'000)), HasSubstr("beam"));
  EXPECT_THAT(error("/attention", with("kind", "self")), HasSubstr("kind"));
  EXPECT_THAT(error("/complete", with("source", "auto")), HasSubstr("auto is not supported"));
  EXPECT_EQ(error("/score", hello), "Invalid request: missing translation parameter");
  EXPECT_EQ(error("/translate", Json::array()), "Invalid JSON format: expected an object");
  EXPECT_THAT(error("/suggest", hello, 403), HasSubstr("disabled"));
}

TEST_F(ApiTest, RefusesBodiesThatItCannotRead) {
  TestApi server;
  const auto status = [&](const std::string& type, const std::string& body, std::vector<HeaderField> more = {}) {
    more.push_back({"Content-Type", type});
    return server.ask({.method = "POST", .path = "/translate", .headers = more, .body = body})->response.status;
  };
  EXPECT_EQ(status("application/json", "{"), 400);
  EXPECT_EQ(status("application/json", ""), 400);
  EXPECT_EQ(status("application/json", "{\"q\":\"\xff\"}"), 400);
  EXPECT_EQ(status("application/json", std::string(100'000, '[')), 400);
  EXPECT_EQ(status("application/x-www-form-urlencoded", "q=%ff&source=en&target=pt"), 400);
  EXPECT_EQ(status("text/plain", "{}"), 415);
  EXPECT_EQ(status("", "{}"), 415);
  EXPECT_EQ(status("application/json", "{}", {{"Content-Encoding", "gzip"}}), 415);
}

TEST_F(ApiTest, OnlyKnownPathsAndMethodsAreServed) {
  TestApi server;
  EXPECT_EQ(server.get("/nothing")->response.status, 404);
  EXPECT_EQ(server.get("/../etc/passwd")->response.status, 404);
  const auto reply = server.get("/translate");
  EXPECT_EQ(reply->response.status, 405);
  EXPECT_EQ(*header_of(reply->response, "Allow"), "POST, OPTIONS");
  EXPECT_EQ(server.post("/health", {})->response.status, 405);
  EXPECT_EQ(server.post("/languages", {})->response.status, 200) << "as LibreTranslate's client for Python asks";
  EXPECT_EQ(server.ask({.method = "OPTIONS", .path = "/translate"})->response.status, 204);
  EXPECT_EQ(server.ask({.method = "DELETE", .path = "/"})->response.status, 405);
}

TEST_F(ApiTest, ForeignHostsAndOriginsAreRefusedBeforeTheBodyIsRead) {
  TestApi server;
  EXPECT_EQ(server.get("/", {{"Host", "evil.com:5000"}})->response.status, 403);
  EXPECT_EQ(server.post("/translate", hello, {{"Origin", "http://evil.com"}})->response.status, 403);
  Request head{.method = "POST", .path = "/translate", .headers = {{"Host", "localhost:5000"}, {"Origin", "null"}}};
  RequestRecord record;
  EXPECT_EQ(server.api.refuse(head, record)->status, 403);
  EXPECT_EQ(record.route, "/translate");
}

TEST_F(ApiTest, ErrorsOfTheServiceHaveTheirStatuses) {
  TestApi server;
  const auto status = [&](RequestError error) {
    script().error = std::move(error);
    return server.post("/translate", hello)->response;
  };
  EXPECT_EQ(status({RequestError::Kind::bad_request, "no"}).status, 400);
  EXPECT_EQ(status({RequestError::Kind::unsupported, "no"}).status, 400);
  EXPECT_EQ(status({RequestError::Kind::deadline, "late"}).status, 504);
  EXPECT_EQ(status({RequestError::Kind::failed, "broken"}).status, 500);
  const Response busy = status({RequestError::Kind::overloaded, "busy", std::chrono::milliseconds(2'500)});
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(*header_of(busy, "Retry-After"), "3");
  EXPECT_EQ(server.get("/health")->response.status, 200) << "health is answered under overload";
}

TEST_F(ApiTest, NoMoreRequestsAtATimeThanAllowed) {
  TestApi server({.limits = {.max_requests = 2}});
  std::vector<TranslationHandler> waiting;
  script().translate = [&](const TranslationRequest&, const TranslationHandler& handler, TicketState&) {
    waiting.push_back(handler);
  };
  const auto first = server.post("/translate", hello), second = server.post("/translate/stream", hello);
  const auto third = server.post("/translate", hello);
  EXPECT_EQ(third->response.status, 503);
  EXPECT_NE(header_of(third->response, "Retry-After"), nullptr);
  EXPECT_EQ(server.get("/health")->response.status, 200);
  waiting[0].done({.translations = {{.text = "x"}}});
  waiting.erase(waiting.begin());
  EXPECT_EQ(first->response.status, 200);
  EXPECT_EQ(server.post("/translate", hello)->response.status, 0) << "there is a place again";
}

TEST_F(ApiTest, StreamsEachSentenceAsItIsWritten) {
  TestApi server;
  const auto reply = server.post("/translate/stream", {{"q", "Hello you"}, {"source", "en"}, {"target", "pt"}});
  std::vector<std::string> names;
  for (const auto& [name, data] : reply->events) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("state", "state", "piece", "sentence", "done"));
  EXPECT_EQ(reply->events[0].second, (Json{{"state", "queued"}}));
  EXPECT_EQ(reply->events[1].second, (Json{{"state", "translating"}}));
  EXPECT_EQ(reply->events[2].second, (Json{{"paragraph", 0}, {"sentence", 0}, {"pieces", {"[pt] "}}, {"settled", 1}}));
  EXPECT_EQ(reply->events[3].second, (Json{{"paragraph", 0},
                                           {"sentence", 0},
                                           {"source", {"Hello", " you"}},
                                           {"target", {"[pt] ", "Hello", " you"}},
                                           {"align", {{0, 1, 0.75}, {1, 2, 0.75}}},
                                           {"score", -0.5}}));
  EXPECT_EQ(reply->events[4].second["id"], "7357");
  EXPECT_TRUE(reply->events[4].second["ms"].is_number());
  EXPECT_EQ(reply->events[4].second["reports"], Json::array());
  EXPECT_TRUE(script().last_translation.alignments);
}

TEST_F(ApiTest, AStreamTellsOfLoadingReportsAndErrors) {
  TestApi server;
  script().translate = [](const TranslationRequest&, const TranslationHandler& handler, TicketState&) {
    handler.loading(0.5);
    handler.done({.reports = {{0, "a placeholder is lost"}}});
  };
  const auto reply = server.post("/translate/stream", hello);
  EXPECT_EQ(reply->events[1].second, (Json{{"state", "loading"}, {"progress", 0.5}}));
  EXPECT_EQ(reply->events.back().second["reports"], Json({"a placeholder is lost"}));
  script() = {.error = RequestError{RequestError::Kind::overloaded, "busy", std::chrono::milliseconds(1)}};
  const auto failed = server.post("/translate/stream", hello);
  EXPECT_EQ(failed->events.back().first, "error");
  EXPECT_EQ(failed->events.back().second,
            (Json{{"error", "busy"}, {"status", 503}, {"retry_after", 1}, {"id", "7357"}}));
  EXPECT_EQ(failed->response.status, 503);
}

TEST_F(ApiTest, AStreamOfTextInTheTargetLanguageRepeatsItsLines) {
  TestApi server;
  const auto reply = server.post("/translate/stream", {{"q", "a\n\nb"}, {"source", "pt"}, {"target", "pt"}});
  ASSERT_EQ(reply->events.size(), 4u);
  EXPECT_EQ(reply->events[1].second["paragraph"], 0);
  EXPECT_EQ(reply->events[2].second["paragraph"], 2);
  EXPECT_EQ(reply->events[2].second["target"], Json({"b"}));
}

TEST_F(ApiTest, AClientThatGoesCancelsItsRequest) {
  TestApi server;
  bool is_cancelled = false;
  script().translate = [&](const TranslationRequest&, const TranslationHandler&, TicketState& state) {
    state.on_cancel = [&] { is_cancelled = true; };
  };
  const auto reply = server.post("/translate", hello);
  ASSERT_TRUE(reply->gone);
  reply->gone();
  EXPECT_TRUE(is_cancelled);
}

TEST_F(ApiTest, CompletesScoresAndShowsAttention) {
  TestApi server;
  const Json complete = json_of(server.post(
      "/complete", {{"q", "Hello"}, {"prefix", "Ol"}, {"source", "en"}, {"target", "pt"}, {"alternatives", 1}}));
  EXPECT_EQ(complete["rest"], "rest");
  EXPECT_EQ(complete["pieces"], Json({"Ol", "rest"}));
  EXPECT_EQ(complete["source"], Json({"Hello"}));
  EXPECT_EQ(complete["align"], Json({{0, 1, 1.0}}));
  EXPECT_EQ(complete["alternatives"],
            Json::array({{{"word", "word"}, {"probability", 0.25}, {"preview", "word and more"}}}));
  EXPECT_EQ(script().last_completion.prefix, "Ol");

  const Json attention = json_of(server.post(
      "/attention",
      {{"q", "a"}, {"source", "en"}, {"target", "pt"}, {"kind", "cross"}, {"layer", 0}, {"head", nullptr}}));
  EXPECT_EQ(attention["weights"], Json({{0.5, 0.5}, {0.25, 0.75}}));
  EXPECT_EQ(attention["head"], Json());
  EXPECT_EQ(script().last_attention.layer, 0);
  EXPECT_EQ(script().last_attention.head, std::nullopt);
  EXPECT_EQ(script().last_attention.translation, std::nullopt);

  const Json score =
      json_of(server.post("/score", {{"q", "a"}, {"translation", "b"}, {"source", "en"}, {"target", "pt"}}));
  EXPECT_EQ(score["log_probability"], -1.5);
  EXPECT_EQ(score["token_log_probabilities"], Json({-1.0, -0.5}));
  for (const Json& direct : {complete, attention, score}) EXPECT_FALSE(direct.contains("pivot"));
}

TEST_F(ApiTest, SaysWhichSentenceLiesBetweenTwoModels) {
  TestApi server;
  const Json request = {{"q", "Olá"}, {"translation", "Hallo"}, {"source", "pt"}, {"target", "de"}};
  for (const char* path : {"/complete", "/attention", "/score"}) {
    EXPECT_EQ(json_of(server.post(path, request))["pivot"], Json({{"language", "en"}, {"text", "[en] Olá"}})) << path;
  }
}

TEST_F(ApiTest, ListsLanguagesWithWhatLeadsToThem) {
  TestApi server;
  EXPECT_EQ(
      json_of(server.get("/languages")),
      (Json::array({{{"code", "de"}, {"name", "German"}, {"targets", Json::array()}},
                    {{"code", "en"}, {"name", "English"}, {"targets", {"pt", "de"}}},
                    {{"code", "pt"}, {"name", "Portuguese"}, {"targets", {"en", "de"}}, {"pivots", {{"de", "en"}}}}})));
}

TEST_F(ApiTest, CodesMayBeWrittenInOtherWaysAsLongAsTheyAreClear) {
  script().directions = {{"en", "pt-BR"}, {"en", "zh-Hans"}, {"en", "zh-Hant"}};
  TestApi server;
  const auto status = [&](const char* source, const char* target) {
    return server.post("/translate", {{"q", "x"}, {"source", source}, {"target", target}})->response.status;
  };
  EXPECT_EQ(status("en", "pt-BR"), 200);
  EXPECT_EQ(status("EN", "pt-br"), 200);
  EXPECT_EQ(status("en", "pt"), 200);
  EXPECT_EQ(status("en-GB", "pt"), 200);
  EXPECT_EQ(status("en", "pt-PT"), 400);
  EXPECT_EQ(status("en", "zh"), 400);
}

TEST_F(ApiTest, DetectNamesLanguagesWithAndWithoutAModel) {
  TestApi server;
  const Json list = json_of(server.post("/detect", {{"q", "Das ist ein sehr schönes Haus, in dem ich wohne."}}));
  EXPECT_EQ(list[0]["language"], "de");
  EXPECT_GT(list[0]["confidence"].get<double>(), 70);
  const Json nothing = json_of(server.post("/detect", {{"q", "12345"}}));
  EXPECT_EQ(nothing, (Json::array({{{"confidence", 0.0}, {"language", "en"}}})));
}

TEST_F(ApiTest, KeysAreAskedForInTheHeaderOrTheBody) {
  Folder folder;
  const std::string key = "0123456789abcdef";
  write_atomically(folder / "keys", key + " anna 2 # of the house\nfedcba9876543210\n");
  TestApi server({.require_api_key = true}, {}, ApiKeys(folder / "keys"));
  EXPECT_EQ(server.post("/translate", hello)->response.status, 403);
  EXPECT_EQ(server.post("/translate", hello, {{"X-Api-Key", "0123456789abcdeX"}})->response.status, 403);
  Json with_key = hello;
  with_key["api_key"] = key;
  const auto reply = server.post("/translate", with_key);
  EXPECT_EQ(reply->response.status, 200);
  EXPECT_EQ(reply->record.key, "anna");
  EXPECT_EQ(server.post("/translate", hello, {{"X-Api-Key", key}})->response.status, 200);
  EXPECT_EQ(server.post("/translate", hello, {{"X-Api-Key", key}})->response.status, 429) << "anna has two a minute";
  EXPECT_EQ(server.post("/translate", hello, {{"Authorization", "Bearer fedcba9876543210"}})->response.status, 200);
  EXPECT_EQ(server.get("/languages")->response.status, 200);
  EXPECT_EQ(json_of(server.get("/frontend/settings"))["keyRequired"], true);
}

TEST_F(ApiTest, TooManyRequestsAreToldWhenToComeAgain) {
  TestApi server({.limits = {.req_limit = 2}});
  EXPECT_EQ(server.post("/translate", hello)->response.status, 200);
  EXPECT_EQ(server.post("/detect", hello)->response.status, 200);
  const auto reply = server.post("/translate", hello);
  EXPECT_EQ(reply->response.status, 429);
  EXPECT_THAT(json_of(reply)["error"].get<std::string>(), HasSubstr("Slowdown"));
  EXPECT_NE(header_of(reply->response, "Retry-After"), nullptr);
  EXPECT_EQ(server.get("/languages")->response.status, 200) << "only work is limited";
}

TEST_F(ApiTest, KeepsCorrectionsAsJsonLines) {
  Folder folder;
  CorrectionsFile file(folder / "corrections.jsonl");
  TestApi server({}, {}, {}, &file);
  const auto reply =
      server.post("/suggest", {{"q", "Hello"}, {"s", "Olá\n"}, {"source", "en"}, {"target", "pt"}, {"machine", "Oi"}});
  EXPECT_EQ(json_of(reply), (Json{{"success", true}, {"id", "7357"}}));
  server.post("/suggest", {{"q", "x"}, {"s", "y"}, {"source", "en"}, {"target", "pt"}});
  std::ifstream lines(file.path());
  std::string line;
  std::getline(lines, line);
  const Json stored = Json::parse(line);
  EXPECT_EQ(stored["s"], "Olá\n");
  EXPECT_EQ(stored["machine"], "Oi");
  std::getline(lines, line);
  EXPECT_FALSE(Json::parse(line).contains("machine"));
  EXPECT_EQ(json_of(server.get("/frontend/settings"))["suggestions"], true);
}

TEST_F(ApiTest, ACorrectionIsTakenBackByAnotherLine) {
  Folder folder;
  CorrectionsFile file(folder / "corrections.jsonl");
  TestApi server({}, {}, {}, &file);
  server.post("/suggest", {{"q", "x"}, {"s", "y"}, {"source", "en"}, {"target", "pt"}});
  const auto reply = server.post("/suggest/undo", {{"id", "0a1b"}});
  EXPECT_EQ(json_of(reply), (Json{{"success", true}, {"id", "7357"}}));
  std::ifstream lines(file.path());
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(Json::parse(line)["s"], "y") << "what was written stays";
  std::getline(lines, line);
  Json undone = Json::parse(line);
  EXPECT_EQ(undone.erase("time"), 1u);
  EXPECT_EQ(undone, (Json{{"undo", "0a1b"}, {"id", "7357"}}));
  for (const Json& wrong : {Json(""), Json(std::string(65, 'a')), Json(1)}) {
    EXPECT_EQ(server.post("/suggest/undo", {{"id", wrong}})->response.status, 400) << wrong;
  }
  EXPECT_EQ(TestApi().post("/suggest/undo", {{"id", "0a1b"}})->response.status, 403) << "without a file";
}

TEST_F(ApiTest, MetricsAreInPrometheusFormatAndMayNeedAToken) {
  TestApi server({.metrics_token = "secret"});
  EXPECT_EQ(server.get("/metrics")->response.status, 401);
  EXPECT_EQ(server.get("/metrics", {{"Authorization", "Bearer secreT"}})->response.status, 401);
  RequestRecord record{.route = "/translate", .status = 200};
  server.api.metrics().request_begins("/translate");
  server.api.metrics().request_ends(record, 0.02);
  const auto reply = server.get("/metrics", {{"Authorization", "Bearer secret"}});
  EXPECT_EQ(reply->response.status, 200);
  EXPECT_THAT(
      reply->response.body,
      HasSubstr("libretranslate_http_request_duration_seconds_count{endpoint=\"/translate\",status=\"200\"} 1\n"));
  EXPECT_THAT(reply->response.body, HasSubstr("libretranslate_http_requests_in_flight{endpoint=\"/translate\"} 0\n"));
  EXPECT_THAT(
      reply->response.body,
      HasSubstr("dragoman_request_duration_seconds_bucket{endpoint=\"/translate\",status=\"200\",le=\"0.025\"} 1\n"));
  EXPECT_THAT(reply->response.body, HasSubstr("dragoman_source_tokens_total 70\n"));
}

TEST_F(ApiTest, PagesAreProtectedAndKeptWhileTheyAreTheSame) {
  TestApi server;
  const auto reply = server.get("/");
  EXPECT_EQ(reply->response.status, 200);
  EXPECT_EQ(reply->response.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(*header_of(reply->response, "Content-Security-Policy"),
              HasSubstr("default-src 'none'; script-src 'self'"));
  EXPECT_EQ(*header_of(reply->response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(*header_of(reply->response, "Cache-Control"), "no-cache");
  const std::string etag = *header_of(reply->response, "ETag");
  const auto again = server.get("/", {{"If-None-Match", etag}});
  EXPECT_EQ(again->response.status, 304);
  EXPECT_EQ(again->response.body, "");
  EXPECT_EQ(server.get("/app.js")->response.content_type, "text/javascript; charset=utf-8");
  EXPECT_NE(*header_of(server.get("/app.js")->response, "ETag"), etag);
}

TEST_F(ApiTest, PagesAreCompressedForThoseWhoTakeIt) {
  TestApi server;
  const auto plain = server.get("/"), compressed = server.get("/", {{"Accept-Encoding", "br, gzip;q=0.8, *;q=0.1"}});
  EXPECT_EQ(plain->response.body, test_page);
  EXPECT_EQ(header_of(plain->response, "Content-Encoding"), nullptr);
  EXPECT_EQ(*header_of(compressed->response, "Content-Encoding"), "gzip");
  EXPECT_EQ(compressed->response.body, test_files[0].gzip);
  EXPECT_EQ(compressed->response.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(*header_of(compressed->response, "X-Content-Type-Options"), "nosniff");
  for (const auto& reply : {plain, compressed}) EXPECT_EQ(*header_of(reply->response, "Vary"), "Accept-Encoding");
}

TEST_F(ApiTest, WhatIsCompressedIsToldApartFromWhatIsNot) {
  TestApi server;
  const HeaderField gzip{"Accept-Encoding", "gzip"};
  const std::string plain = *header_of(server.get("/app.js")->response, "ETag");
  const std::string compressed = *header_of(server.get("/app.js", {gzip})->response, "ETag");
  EXPECT_NE(plain, compressed);
  EXPECT_EQ(server.get("/app.js", {{"If-None-Match", plain}})->response.status, 304);
  EXPECT_EQ(server.get("/app.js", {{"If-None-Match", compressed}})->response.status, 200);
  EXPECT_EQ(server.get("/app.js", {gzip, {"If-None-Match", plain}})->response.status, 200);
  const auto same = server.get("/app.js", {gzip, {"If-None-Match", "\"other\", W/" + compressed}});
  EXPECT_EQ(same->response.status, 304);
  EXPECT_EQ(*header_of(same->response, "ETag"), compressed);
  EXPECT_EQ(*header_of(same->response, "Vary"), "Accept-Encoding");
  EXPECT_EQ(header_of(same->response, "Content-Encoding"), nullptr);
  EXPECT_EQ(server.get("/app.js", {gzip, {"If-None-Match", "*"}})->response.status, 304);
}

TEST_F(ApiTest, AcceptEncodingIsHonoured) {
  const auto takes = [](std::vector<HeaderField> headers) { return takes_gzip({.headers = std::move(headers)}); };
  for (const char* list : {"gzip", "GZip", "deflate, gzip", "gzip;q=0.5", "x-gzip", "*", "br;q=1,gzip ; q=0.001",
                           "identity;q=0.5, gzip", "identity;q=0, *"}) {
    EXPECT_TRUE(takes({{"Accept-Encoding", list}})) << list;
  }
  for (const char* list : {"", "br", "gzip;q=0", "gzip;q=0.0, *", "*;q=0", "identity", "identity, gzip;q=0.5",
                           "gzipped", "identity;q=1, *;q=0", "gzip;q=none"}) {
    EXPECT_FALSE(takes({{"Accept-Encoding", list}})) << list;
  }
  EXPECT_FALSE(takes({}));
  EXPECT_TRUE(takes({{"Accept-Encoding", "br"}, {"accept-encoding", "gzip"}}));
}

TEST_F(ApiTest, TheFilesOfThePageAreWholeAndSmall) {
  std::size_t size = 0;
  for (const EmbeddedFile& file : web_files) {
    size += file.gzip.size();
    const auto pages = Pages(std::span(&file, 1));
    const Request request{.method = "GET", .path = file.name == "index.html" ? "/" : "/" + std::string(file.name)};
    EXPECT_FALSE(pages.get(request).body.empty()) << file.name;
  }
  EXPECT_LE(size, 100'000u) << "compressed, all together";
}

TEST_F(ApiTest, AServerThatIsAboutToEndSaysSo) {
  TestApi server;
  server.api.stop();
  EXPECT_EQ(server.post("/translate", hello)->response.status, 503);
  EXPECT_EQ(json_of(server.get("/health")), (Json{{"status", "stopping"}}));
}

TEST_F(ApiTest, ABrowserOfAnAllowedOriginMayAskFirst) {
  TestApi server({}, {.cors_origins = {"https://app.example.org"}});
  const auto ask = [&](const char* origin) {
    return server.ask({.method = "OPTIONS",
                       .path = "/translate",
                       .headers = {{"Origin", origin}, {"Access-Control-Request-Method", "POST"}}});
  };
  EXPECT_EQ(ask("https://app.example.org")->response.status, 204);
  EXPECT_EQ(*header_of(ask("https://app.example.org")->response, "Access-Control-Allow-Headers"),
            "Content-Type, X-Api-Key, Authorization");
  EXPECT_EQ(ask("https://evil.com")->response.status, 403);
  const auto reply = server.post("/translate", hello, {{"Origin", "https://app.example.org"}});
  EXPECT_EQ(*header_of(reply->response, "Access-Control-Allow-Origin"), "https://app.example.org");
}

/// Each path of /spec answers as it says there, with the parameters that it shows as examples.
TEST_F(ApiTest, TheSpecificationIsTrue) {
  Folder folder;
  CorrectionsFile file(folder / "corrections.jsonl");
  TestApi server({.version = "1.2.3"}, {}, {}, &file);
  const Json spec = json_of(server.get("/spec"));
  EXPECT_EQ(spec["openapi"], "3.0.3");
  EXPECT_EQ(spec["info"]["version"], "1.2.3");
  const auto resolve = [&](const Json& node) {
    return node.contains("$ref") ? spec[Json::json_pointer(node["$ref"].get<std::string>().substr(1))] : node;
  };
  for (const auto& [path, methods] : spec["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::shared_ptr<RecordedReply> reply;
      if (method == "post") {
        const Json schema = resolve(operation["requestBody"]["content"]["application/json"]["schema"]);
        Json parameters;
        for (const auto& name : schema["required"])
          parameters[name.get<std::string>()] = schema["properties"][name.get<std::string>()]["example"];
        reply = server.post(path, parameters);
        for (const auto& name : schema["required"]) {
          Json without = parameters;
          without.erase(name.get<std::string>());
          EXPECT_EQ(server.post(path, without)->response.status, 400) << path << " without " << name;
        }
      } else {
        reply = server.get(path);
      }
      ASSERT_EQ(reply->response.status, 200) << path << reply->response.body;
      const Json content = operation["responses"]["200"]["content"];
      if (content.contains("text/event-stream")) {
        EXPECT_EQ(reply->events.back().first, "done");
        continue;
      }
      EXPECT_THAT(reply->response.content_type, ::testing::StartsWith(content.begin().key()));
      if (!content.contains("application/json")) continue;
      Json schema = content["application/json"]["schema"], answer = json_of(reply);
      if (schema["type"] == "array") {
        ASSERT_FALSE(answer.empty());
        answer = Json(answer[0]);
        schema = resolve(schema["items"]);
      }
      for (const auto& name : schema.value("required", Json::array())) {
        EXPECT_TRUE(answer.contains(name.get<std::string>())) << path << " has no " << name;
      }
      if (!schema.contains("properties")) continue;
      for (const auto& [name, value] : answer.items()) {
        EXPECT_TRUE(schema["properties"].contains(name)) << path << ": " << name << " is not described";
      }
    }
  }
  for (const auto& [path, operation] : spec["paths"].items()) {
    for (const auto& [method, it] : operation.items()) {
      for (const auto& [status, response] : it["responses"].items())
        EXPECT_FALSE(resolve(response).is_null()) << path << status;
    }
  }
}

}  // namespace
}  // namespace dragoman::testing
