// Configurations, vocabularies and shortlists.

#include <cstring>
#include <numeric>

#include "base/files.h"
#include "format/config_yaml.h"
#include "format/marian_settings.h"
#include "format/marian_support.h"
#include "format/option_fields.h"
#include "format/shortlist.h"
#include "fuzz/make_readers.h"
#include "fuzz/scratch.h"
#include "text/token_file.h"
#include "text/vocabulary.h"
#include "text/vocabulary_training.h"

namespace dragoman::fuzz {
namespace {

constexpr int words = 12, source_words = 5;

int id_of(std::string_view word) {
  return word.size() == 1 && word[0] >= 'a' && word[0] < 'a' + words ? word[0] - 'a' : -1;
}

/// Asks for the candidates of sentences, known and unknown words.
void use(const Shortlist& list) {
  for (const std::vector<int>& source : {std::vector<int>{0, 1, 2, 3, 4}, {}, {4, 99, -1, 0}}) {
    int before = -1;
    for (const int word : list.candidates(source)) {
      if (word <= before || word >= words) throw std::runtime_error("candidates that are no ascending words");
      before = word;
    }
  }
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Marian's checksum, as format/shortlist.cc has it.
void mend_checksum(std::string& mutant, const std::string&) {
  if (mutant.size() < 48) return;
  std::uint64_t hash = 0;
  for (std::size_t at = 16; at + 8 <= mutant.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, mutant.data() + at, 8);
    hash ^= word + 0x9e3779b9u + (hash << 6) + (hash >> 2);
  }
  mutant.replace(8, 8, raw_bytes(hash));
}

/// SentencePiece models of each kind that we learn.
std::vector<std::string> sentencepiece_models() {
  const Scratch folder;
  const std::string text = "ab ba\nabc cab\nbca a\nacb b c\nab bc\n", rules = "61\t62\n41 42\t61\n";
  folder.write("text", std::as_bytes(std::span(text)));
  folder.write("rules.tsv", std::as_bytes(std::span(rules)));  // a becomes b, AB becomes a
  const std::string identity = "--normalization_rule_name=identity";
  const VocabularyOptions kinds[] = {
      {.sentencepiece_options = identity},
      {.sentencepiece_options = identity, .sentencepiece_type = "bpe"},
      {.sentencepiece_options = "--normalization_rule_tsv=" + (folder / "rules.tsv")},
      {.sentencepiece_options = identity, .user_defined_symbols = {"<x>", "ab"}},
      {.sentencepiece_options = identity + " --byte_fallback=true", .sentencepiece_type = "bpe"}};
  std::vector<std::string> models;
  for (const VocabularyOptions& options : kinds) {
    const int size = options.sentencepiece_options.find("byte_fallback") == std::string::npos ? 0 : 270;
    train_vocabulary({{folder / "text"}}, folder / "v.spm", size, options);
    models.push_back(read_file(folder / "v.spm"));
  }
  return models;
}

}  // namespace

Reader sentencepiece_reader() {
  return {.path = "some.spm",
          .seeds = sentencepiece_models(),
          .words = {"</s>", "<unk>", "<s>", "<0x41>", "<0x", "\xe2\x96\x81", "\xe2\x96", "a", "ab", "<x>"},
          .read = [](std::span<const std::byte> bytes) {
            const Vocabulary vocabulary = Vocabulary::from_bytes(std::string(text_of(bytes)), "some.spm");
            for (const char* line : {"ab ba abcab", "", "  <x>ab </s> zzz AB \xc3\xa9\xe2\x96\x81 \xff\xfe", "\n"}) {
              const std::vector<int> ids = vocabulary.encode(line);
              const std::vector<std::string> pieces = vocabulary.pieces(line);  // by the library
              if (ids.size() != pieces.size()) throw std::runtime_error("not as many ids as pieces");
              for (std::size_t i = 0; i < ids.size(); ++i) {
                if (ids[i] < 0 || ids[i] >= vocabulary.size()) throw std::runtime_error("an id that is none");
                if (ids[i] != vocabulary.unk_id() && vocabulary.piece(ids[i]) != pieces[i]) {
                  throw std::runtime_error("an id of another piece");
                }
              }
              vocabulary.join(pieces);
              if (vocabulary.can_sample()) vocabulary.sample(line, 0.3, 7);
            }
            std::vector<int> ids(static_cast<std::size_t>(vocabulary.size()));
            std::iota(ids.begin(), ids.end(), 0);
            vocabulary.decode(ids);
            for (const int id : ids) vocabulary.id(vocabulary.piece(id));
          }};
}

namespace {

/// Reads a list of tokens and what it gives when written again.
void read_tokens(std::span<const std::byte> bytes, const char* path) {
  const auto use_tokens = [](const Vocabulary& vocabulary) {
    for (const char* line : {"a b  zzz </s>", "", "\xc3\xa9 a \xff"}) {
      for (const int id : vocabulary.encode(line)) {
        if (id < 0 || id >= vocabulary.size()) throw std::runtime_error("an id that is none");
      }
    }
    std::vector<int> ids(static_cast<std::size_t>(vocabulary.size()));
    std::iota(ids.begin(), ids.end(), 0);
    vocabulary.decode(ids);
  };
  const Vocabulary vocabulary = Vocabulary::from_tokens(parse_token_file(text_of(bytes), path), path);
  use_tokens(vocabulary);
  for (const int rows : {2, 40}) use_tokens(vocabulary.fitted_to(rows));
}

}  // namespace

Reader token_map_reader() {
  return {
      .path = "vocabulary.yml",
      .seeds = {"</s>: 0\n<unk>: 1\na: 2\n\"b\\n\": 3\n\xc3\xa9: 4\n", "{\"eos\": 0, \"UNK\": 1, \"a\": 2, \"b\": 3}"},
      .is_text = true,
      .words = {"</s>", "<unk>", "eos", "UNK", ": ", "-1", "99999999999", "~", "null", "[]", "{}", "&a ", "*a",
                "<<: ", "---\n", "? "},
      .read = [](std::span<const std::byte> bytes) { read_tokens(bytes, "vocabulary.yml"); }};
}

Reader token_lines_reader() {
  return {.path = "vocabulary.txt",
          .seeds = {"</s>\n<unk>\na\nb\n\xc3\xa9\n"},
          .is_text = true,
          .words = {"</s>", "<unk>", "\n\n", "\r\n", "\t", "\xff"},
          .read = [](std::span<const std::byte> bytes) { read_tokens(bytes, "vocabulary.txt"); }};
}

Reader shortlist_binary_reader() {
  const auto folder = std::make_shared<Scratch>();
  const std::string path = *folder / "lex.bin";
  Reader reader{.path = path, .seeds = {}, .read = {}, .mend = mend_checksum};
  for (const int first : {0, 3}) {
    Shortlist({{1, 2}, {}, {3, 9}, {4}, {11, 5, 6}}, first, 5, words, true).save_binary(path);
    reader.seeds.push_back(read_file(path));
  }
  reader.read = [=](std::span<const std::byte> bytes) {
    folder->write("lex.bin", bytes);
    use(Shortlist::open_binary(path, source_words, words, true));
    is_binary_shortlist(path);
  };
  return reader;
}

Reader shortlist_text_reader() {
  const auto folder = std::make_shared<Scratch>();
  const std::string path = *folder / "lex.txt";
  return {.path = path,
          .seeds = {"b a 0.5\nc a 0.3\nd\tb\t0.2\nNULL a 0.9\nb NULL 0.9\nzz a 0.9\n\nc e 1e-3\n"},
          .is_text = true,
          .words = {"NULL", "a", "e", "0", "1", "-1", "\t", "  ", "\r\n"},
          .read = [=](std::span<const std::byte> bytes) {
            folder->write("lex.txt", bytes);
            use(Shortlist::open_text(path, {.first = 2, .best = 3, .prune = 0.01}, source_words, words, false, id_of,
                                     id_of));
          }};
}

Reader vocabulary_map_reader() {
  const auto folder = std::make_shared<Scratch>();
  const std::string path = *folder / "vmap.txt";
  return {.path = path,
          .seeds = {"\tc d\na\tb e\na b\tf zz\nb c d\ta\n"},
          .is_text = true,
          .words = {"a", "b c", "\t", "\t\t", " ", "zz", "\r\n"},
          .read = [=](std::span<const std::byte> bytes) {
            folder->write("vmap.txt", bytes);
            use(Shortlist::open_vocabulary_map(path, words, id_of, id_of));
            is_vocabulary_map(path);
          }};
}

Reader translate_config_reader() {
  return {.path = "decoder.yml",
          .seeds = {"relative-paths: true\nmodels:\n  - model.npz\nvocabs:\n  - v.spm\n  - v.spm\nbeam-size: 6\n"
                    "normalize: 1\nword-penalty: 0\nmini-batch: 16\nmaxi-batch: 100\nmaxi-batch-sort: src\n"
                    "shortlist: [lex.bin, 50, 50]\ngemm-precision: int8shiftAlphaAll\nmax-length-factor: 2.0\n"
                    "skip-cost: true\ncpu-threads: 0\nquiet: true\nworkspace: 128\n"},
          .is_text = true,
          .words = {"true",      "false",  "null", "~",         "[]",       "{}",          "- ",
                    "&a ",       "*a",     "<<: ", "!!binary ", "---\n",    "...\n",       "? ",
                    "|\n",       ">\n",    "\"",   "'",         "models: ", "alignment: ", "output-sampling: ",
                    "%YAML 1.2", "${HOME}"},
          .read = [](std::span<const std::byte> bytes) {
            TranslateSettings settings;
            Fields fields = describe(settings);
            for (ConfigEntry& entry : parse_config(text_of(bytes), "decoder.yml")) {
              adapt_marian_entry(entry);
              if (fields.find(entry.key) != nullptr) {
                fields.set(entry.key, entry.value, entry.where);
              } else if (const MarianSetting* setting = find_marian_setting(entry.key)) {
                accept_marian_setting(*setting, entry);
              }
            }
            dump_config(fields, Dump::minimal);
          }};
}

}  // namespace dragoman::fuzz
