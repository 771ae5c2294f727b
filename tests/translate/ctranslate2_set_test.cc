// Translating with model directories of CTranslate2, whose tokens may have other numbers than SentencePiece gives them.

#include <gmock/gmock.h>

#include <array>
#include <filesystem>

#include "format/ctranslate2_export.h"
#include "translate/convert_model.h"
#include "translate/model_info.h"
#include "translate/translate_support.h"

namespace dragoman {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

class CTranslate2Set : public ::testing::Test {
 protected:
  /// The tokens of the toy vocabulary from the last to the first.
  static ExportedVocabulary turned() {
    const Vocabulary& toy = toy_vocabulary();
    ExportedVocabulary result{
        .tokens = {}, .end = toy.size() - 1 - toy.end_id(), .unknown = toy.size() - 1 - toy.unk_id()};
    for (int id = toy.size() - 1; id >= 0; --id) result.tokens.push_back(toy.piece(id));
    return result;
  }

  /// A random model for these tokens as a directory without SentencePiece models.
  std::string save(const std::string& name, const ExportedVocabulary& tokens) const {
    std::filesystem::create_directory(folder_ / name);
    auto model = toy_model();
    const Parameter* bias = model->parameters().find("output.bias");
    model->parameters().values_of(*bias)[std::size_t(tokens.end)] = 3.0f;
    export_ctranslate2(folder_ / name, *model, tokens, tokens, true);
    return folder_ / name;
  }

  static std::vector<std::string> translate(const ModelSet& models, const std::vector<std::string>& lines) {
    TranslatorOptions options;
    options.search.beam_size = 2;
    std::vector<std::string> result;
    for (const Translation& t : Translator(models, options).translate(numbered(lines))) {
      result.push_back(t.candidates.at(0).text);
    }
    return result;
  }

  static void convert(const std::string& model, const std::string& to, const std::string& output,
                      const std::string& quantize = "none") {
    ConvertSettings settings;
    settings.model = model;
    settings.to = to;
    settings.output = output;
    settings.quantize = quantize;
    convert_model(settings);
  }

  static ModelSet load(const std::string& path) { return load_models(std::array{path}); }

  Folder folder_;
};

TEST_F(CTranslate2Set, WithoutASentencePieceModelTokensGoInAndComeOut) {
  const std::string path = save("model", turned());
  const ModelSet tokens = load(path);
  const auto lines = toy_lines(20);
  std::vector<std::string> pieces;
  for (const std::string& line : lines) {
    std::string text;
    for (const std::string& piece : toy_vocabulary().pieces(line)) text += (text.empty() ? "" : " ") + piece;
    pieces.push_back(text);
  }
  const auto found = translate(tokens, pieces);
  EXPECT_THAT(found, ::testing::Contains(HasSubstr("\xe2\x96\x81")));
  // the same with a SentencePiece model beside it takes and gives text
  write_atomically(path + "/sentencepiece.model", toy_vocabulary().bytes());
  const ModelSet text = load(path);
  EXPECT_FALSE(text.source.is_sentencepiece());
  const auto translated = translate(text, lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> of_line;
    std::istringstream words(found[i]);
    for (std::string word; words >> word;) of_line.push_back(word);
    EXPECT_EQ(translated[i], toy_vocabulary().join(of_line));
  }
  // what says it with --vocabs does as well
  std::filesystem::remove(path + "/sentencepiece.model");
  const std::string spm = folder_.file("named.spm", toy_vocabulary().bytes());
  EXPECT_EQ(translate(load_models(std::array{path}, {.vocabs = {spm, spm}}), lines), translated);
}

TEST_F(CTranslate2Set, ASentencePieceModelWithTheSameNumbersIsEnough) {
  const std::string ours = save_toy_model(folder_, "ours"), theirs = folder_ / "theirs", again = folder_ / "again";
  convert(ours, "ctranslate2", theirs);
  convert(theirs, "safetensors", again);
  const ModelSet models = load(theirs);
  EXPECT_TRUE(models.source.is_sentencepiece());
  const auto lines = toy_lines(20);
  const auto expected = translate(load(ours), lines);
  EXPECT_EQ(translate(models, lines), expected);
  EXPECT_EQ(translate(load(again), lines), expected);
  EXPECT_EQ(translate(load_models(std::array{ours, theirs}), lines), expected) << "an ensemble of equal models";
  for (const std::string quantize : {"int8", "int16", "float16", "bfloat16"}) {
    convert(theirs, "ctranslate2", folder_ / quantize, quantize);
    EXPECT_EQ(load(folder_ / quantize).models[0].model->parameters().has_int8(), quantize == "int8");
  }
}

TEST_F(CTranslate2Set, AListOfTokensComesAlongAsOne) {
  const std::string path = save("model", turned());
  std::vector<std::string> lines;
  for (const std::string& line : toy_lines(10)) {
    std::string text;
    for (const std::string& piece : toy_vocabulary().pieces(line)) text += (text.empty() ? "" : " ") + piece;
    lines.push_back(text);
  }
  const auto expected = translate(load(path), lines);
  convert(path, "safetensors", folder_ / "ours");
  convert(path, "marian", folder_ / "theirs");
  EXPECT_TRUE(file_exists(folder_ / "ours" + "/vocabulary.yml"));
  EXPECT_EQ(translate(load(folder_ / "ours"), lines), expected);
  EXPECT_EQ(translate(load(folder_ / "theirs" + "/model.npz"), lines), expected);
}

TEST_F(CTranslate2Set, OtherVocabulariesAndTargetsAreErrors) {
  const std::string path = save("model", turned()), ours = save_toy_model(folder_, "ours");
  EXPECT_THAT(error_of([&] { load_models(std::array{ours, path}); }), HasSubstr("must have the same"));
  write_atomically(path + "/sentencepiece.model", toy_vocabulary().bytes());
  for (const std::string to : {"safetensors", "marian"}) {
    EXPECT_THAT(error_of([&] { convert(path, to, folder_ / "out"); }),
                AllOf(HasSubstr("shared_vocabulary.json"), HasSubstr("--to " + to)));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
  }
  EXPECT_THAT(error_of([&] { convert(ours, "safetensors", folder_ / "out", "int16"); }),
              HasSubstr("quantize: expected none, int8, float16 or bfloat16 with --to safetensors, found int16"));
  const std::string bpe = folder_.file("bpe.spm", toy_vocabulary("char").bytes());
  EXPECT_NO_THROW(load_models(std::array{path}, {.vocabs = {bpe, bpe}})) << "its characters are tokens too";
  ExportedVocabulary others = turned();
  for (std::size_t i = 0; i < others.tokens.size(); ++i) {
    if (int(i) != others.end && int(i) != others.unknown) others.tokens[i] = "other" + std::to_string(i);
  }
  const std::string wrong = save("others", others);
  write_atomically(wrong + "/sentencepiece.model", toy_vocabulary().bytes());
  EXPECT_THAT(error_of([&] { load(wrong); }), HasSubstr("it belongs to others"));
}

TEST_F(CTranslate2Set, InfoTellsWhatItIs) {
  const std::string text = describe_model(save("model", turned()), {}, true);
  EXPECT_THAT(text, AllOf(HasSubstr("format: CTranslate2, TransformerSpec revision 7, binary version 6"),
                          HasSubstr("shared_vocabulary.json"), HasSubstr("dim-emb: 16"),
                          HasSubstr("decoder/projection/bias\tF32\t[")));
}

TEST_F(CTranslate2Set, AVocabularyMapRestrictsTheTranslation) {
  const std::string path = save("model", turned());
  const ModelSet all = load(path);
  const std::string only = all.target.piece(5) + " " + all.target.piece(6);
  const std::string map = folder_.file("vmap.txt", "\t" + only + "\n");
  const ModelSet few = load_models(std::array{path}, {.shortlist = {map}});
  const auto translated = translate(few, {all.source.piece(7) + " " + all.source.piece(8)});
  std::istringstream words(translated.at(0));
  for (std::string word; words >> word;) EXPECT_THAT(only, HasSubstr(word));
}

}  // namespace
}  // namespace dragoman
