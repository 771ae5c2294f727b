#include "report/run_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "report/run_data.h"
#include "report/run_support.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RunPage : public RunFiles {
 protected:
  RunHistory nasty() {
    RunHistory run = run_of({start_line(0, R"({"model":"</td><script>alert(1)</script>"})"), train_line(5, 5),
                             valid_line(5, "</script><b>", 1, 0), sample_line(5, 1, "</script><!-- \\u05e9 & \\\" '"),
                             "rubbish <i>"});
    run.name = "<a href='x'>&\"\x01";
    return run;
  }
};

/// What is wrong with the nesting of a page's elements; empty if nothing is.
std::string flaw_of(const std::string& html) {
  const std::set<std::string> without_end = {"meta", "br", "input", "!DOCTYPE"};
  std::vector<std::string> open;
  for (std::size_t at = 0; (at = html.find('<', at)) != std::string::npos;) {
    std::size_t end = at + 1;
    for (char quote = 0; end < html.size() && (quote != 0 || html[end] != '>'); ++end) {
      if (quote == 0 ? html[end] == '"' : html[end] == quote) quote = quote == 0 ? html[end] : 0;
    }
    const std::string tag = html.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    at = end;
    if (name.starts_with('/')) {
      if (open.empty() || open.back() != name.substr(1))
        return "<" + name + "> inside " + (open.empty() ? "" : open.back());
      open.pop_back();
    } else if (!without_end.contains(name)) {
      if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") != std::string::npos) {
        return "no element: <" + tag.substr(0, 40);
      }
      open.push_back(name);
      if (name == "script" || name == "style") at = html.find("</" + name, at);
    }
  }
  return open.empty() ? "" : open.back() + " is not closed";
}

TEST(HtmlFlaws, AreFound) {
  EXPECT_EQ(flaw_of("<p>a<br><b title=\"<\">b</b></p>"), "");
  EXPECT_NE(flaw_of("<p><b></p>"), "");
  EXPECT_NE(flaw_of("<p>"), "");
  EXPECT_NE(flaw_of("a < b"), "");
}

TEST_F(RunPage, IsWellFormedWhateverTheRunsHold) {
  EXPECT_EQ(flaw_of(run_page({run_of({train_line(5, 5)})}, "One")), "");
  EXPECT_EQ(flaw_of(run_page({RunHistory{}}, "")), "");
  EXPECT_EQ(flaw_of(run_page({nasty(), nasty(), RunHistory{}}, "<Title> & {{data}}")), "");
}

TEST_F(RunPage, EscapesAllText) {
  const std::string page = run_page({nasty()}, "<Title> & {{data}}");
  EXPECT_THAT(page, HasSubstr("&lt;Title&gt; &amp; {{data}}</h1>"));
  EXPECT_THAT(page, HasSubstr("&lt;a href=&#39;x&#39;&gt;&amp;&quot;\ufffd"));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("<!--")));
  EXPECT_THAT(page, HasSubstr("line 5: is no JSON"));
}

TEST_F(RunPage, NamesNothingOutside) {
  const std::string page = run_page({nasty()}, "t");
  for (const char* outside : {"src=", "url(", "@import", "<link", "fetch("}) EXPECT_THAT(page, Not(HasSubstr(outside)));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST_F(RunPage, DataIsJsonThatAScriptElementCanHold) {
  const std::string text = run_data_json({nasty()});
  EXPECT_THAT(text, Not(HasSubstr("<")));
  const auto run = nlohmann::json::parse(text)["runs"][0];
  EXPECT_EQ(run["valid"][0]["metric"], "</script><b>");
  EXPECT_EQ(run["samples"][0]["output"][0], "</script><!-- \u05e9 & \" '");
}

TEST_F(RunPage, DataHasColumnsWithGaps) {
  RunHistory run =
      run_of({train_line(5, 1.23456789), train_line(15, 2), valid_line(15, "bleu", 3, 0), train_line(18, 3)});
  run.train[1].loss = std::nan("");
  run.name = "r";
  const auto data = nlohmann::json::parse(run_data_json({run}))["runs"][0];
  EXPECT_EQ(data["name"], "r");
  EXPECT_EQ(data["train"]["update"], nlohmann::json({5, 15, 18}));
  EXPECT_EQ(data["train"]["epoch"], nlohmann::json({1, 2, 2}));
  EXPECT_EQ(data["train"]["loss"], nlohmann::json({1.234568, nullptr, 3}));
  EXPECT_EQ(data["train"]["epochs"].size(), 3u);
  EXPECT_EQ(data["valid"][0]["best"], 0);
}

TEST_F(RunPage, LongHistoriesAreThinned) {
  std::vector<std::string> lines;
  for (int update = 1; update <= 10; ++update) {
    lines.push_back(train_line(update, update));
    lines.push_back(sample_line(update, 1, std::to_string(update)));
  }
  const RunHistory run = run_of(lines);
  const RunDataLimits limits = {.points = 5, .sample_times = 3};
  EXPECT_FALSE(is_thinned({run}));
  EXPECT_TRUE(is_thinned({run}, limits));
  const auto data = nlohmann::json::parse(run_data_json({run}, limits))["runs"][0];
  EXPECT_EQ(data["train"]["update"], nlohmann::json({2, 4, 6, 8, 10}));
  EXPECT_EQ(data["train"]["loss"], nlohmann::json({1.5, 3.5, 5.5, 7.5, 9.5}));
  EXPECT_EQ(data["samples"][0]["update"], nlohmann::json({3, 6, 10}));
  EXPECT_EQ(data["samples"][0]["output"], nlohmann::json({"3", "6", "10"}));
}

TEST_F(RunPage, RunsAreTakenApartByColour) {
  const std::string page = run_page({run_of({train_line(5, 5)}), run_of({train_line(5, 5)})}, "t");
  EXPECT_THAT(page, HasSubstr("<span class=\"swatch c1 d0\">"));
  EXPECT_THAT(run_page({run_of({train_line(5, 5)})}, "t"), Not(HasSubstr("<span class=\"swatch")));
}

}  // namespace
}  // namespace dragoman
