#include "format/model_languages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "dragoman/error.h"
#include "text/text_support.h"

namespace dragoman::testing {
namespace {

/// "source-target" of a model at `path`, beside a file with some content.
std::string languages(const std::string& path, const std::string& file = "", const std::string& content = "") {
  Folder folder;
  if (!file.empty()) write_atomically(folder / file, content);
  write_atomically(folder / path, "");
  const ModelLanguages found = model_languages(folder / path);
  return found.source + "-" + found.target;
}

TEST(ModelLanguages, AreThoseOfOurConfiguration) {
  Folder folder;
  write_atomically(folder / "model/config.yml", "type: transformer\nsource-language: en\ntarget-language: pt-BR\n");
  EXPECT_EQ(model_languages(folder / "model").source, "en");
  EXPECT_EQ(model_languages(folder / "model").target, "pt-BR");
}

TEST(ModelLanguages, AreThoseOfTheJsonBesideAMarianModel) {
  EXPECT_EQ(languages("m/config.yml", "m/model_info.json", R"({"src": "English", "trg": "Portuguese", "API": 1.0})"),
            "en-pt");
  EXPECT_EQ(languages("m/config.yml", "m/modelMeta.json", R"({"sourceLanguage": "en", "targetLanguage": "zh-Hans"})"),
            "en-zh-Hans");
  EXPECT_EQ(languages("m/config.yml", "m/modelMeta.json", R"({"src": "Klingon", "trg": 5})"), "-");
}

TEST(ModelLanguages, AreInNamesAsALastHint) {
  EXPECT_EQ(languages("m/model.enpt.intgemm.alphas.bin"), "en-pt");
  EXPECT_EQ(languages("m/config.yml", "m/lex.50.50.csde.s2t.bin"), "cs-de");
  EXPECT_EQ(languages("en-pt-tiny/config.yml"), "en-pt");
  EXPECT_EQ(languages("opus-mt-en-pt/config.yml"), "en-pt");
  EXPECT_EQ(languages("m/model.bin", "m/lex.best.bin"), "-");
  EXPECT_EQ(languages("my-model/config.yml"), "-");
  EXPECT_EQ(languages("data/config.yml"), "-") << "which is neither Danish nor Tamil";
}

TEST(ModelLanguages, AFileThatIsNoJsonIsAnError) {
  EXPECT_THROW(languages("m/config.yml", "m/model_info.json", "{"), Error);
}

}  // namespace
}  // namespace dragoman::testing
