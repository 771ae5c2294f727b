#include "text/vocabulary_training.h"

#include <sentencepiece_trainer.h>
#include <utf8proc.h>

#include <boost/tokenizer.hpp>
#include <charconv>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "text/line_reader.h"
#include "text/pair_reader.h"
#include "text/sentencepiece_log.h"
#include "text/token_file.h"
#include "text/vocabulary.h"

namespace dragoman {
namespace {

constexpr int default_size = 32000;

using Arguments = std::unordered_map<std::string, std::string>;

/// The lines of all inputs, one after another.
class Lines {
 public:
  explicit Lines(const std::vector<VocabularyInput>& inputs) : inputs_(inputs) {}

  bool next(std::string& line) {
    while (input_ < inputs_.size()) {
      const VocabularyInput& input = inputs_[input_];
      if (!reader_) reader_.emplace(input.path);
      while (reader_->next(line)) {
        if (reader_->line_was_cut() || reader_->line_was_repaired()) continue;
        if (input.column >= 0) {
          line = tsv_column(line, input.column, input.columns, reader_->name(), reader_->line_number());
        }
        if (!is_blank(line)) return true;
      }
      reader_.reset();
      ++input_;
    }
    return false;
  }

 private:
  const std::vector<VocabularyInput>& inputs_;
  std::size_t input_ = 0;
  std::optional<LineReader> reader_;
};

/// Gives SentencePiece `chosen` of `total` lines, evenly spread. It must see no exception: one is kept for later.
class EvenSample : public sentencepiece::SentenceIterator {
 public:
  EvenSample(const std::vector<VocabularyInput>& inputs, std::int64_t chosen, std::int64_t total)
      : lines_(inputs), chosen_(chosen), total_(total) {
    EvenSample::Next();
  }
  bool done() const override { return done_; }
  void Next() override {
    try {
      do {
        done_ = !lines_.next(line_);
        sum_ += chosen_;
      } while (!done_ && chosen_ < total_ && sum_ / total_ == (sum_ - chosen_) / total_);
    } catch (...) {
      exception_ = std::current_exception();
      done_ = true;
    }
  }
  const std::string& value() const override { return line_; }
  sentencepiece::util::Status status() const override { return {}; }
  void rethrow() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  Lines lines_;
  std::int64_t chosen_, total_;
  std::int64_t sum_ = 0;  ///< chosen_ times the lines read: one is taken whenever this passes a multiple of total_
  std::string line_;
  bool done_ = false;
  std::exception_ptr exception_;
};

/// "--a=b --flag" as names and values.
Arguments parse_options(const std::string& text) {
  static const std::set<std::string> ours = {"input",      "input_format", "model_prefix",
                                             "vocab_size", "minloglevel",  "input_sentence_size"};
  Arguments arguments;
  const boost::escaped_list_separator<char> separator("\\", " \t", "\"'");
  try {
    for (const std::string& word : boost::tokenizer<boost::escaped_list_separator<char>>(text, separator)) {
      if (word.empty()) continue;
      require(word.size() > 2 && word.starts_with("--"), "sentencepiece-options: expected --name=value, found '{}'",
              word);
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(2, equals - 2);
      require(!ours.contains(name), "sentencepiece-options: --{} is given by dragoman itself and cannot be set", name);
      arguments[name] = equals == std::string::npos ? "true" : word.substr(equals + 1);
    }
  } catch (const boost::escaped_list_error& e) {
    fail("sentencepiece-options: {} in '{}'", e.what(), text);
  }
  return arguments;
}

/// A list as SentencePiece expects it: separated by commas, with quotes where a symbol has a comma or quote.
std::string comma_separated(const std::vector<std::string>& symbols) {
  std::string list;
  for (const std::string& symbol : symbols) {
    require(!symbol.empty(), "user-defined-symbols: a symbol is empty");
    if (!list.empty()) list += ',';
    if (symbol.find_first_of(",\"") == std::string::npos) {
      list += symbol;
      continue;
    }
    list += '"';
    for (const char c : symbol) list += c == '"' ? std::string("\"\"") : std::string(1, c);
    list += '"';
  }
  return list;
}

Arguments trainer_arguments(const VocabularyOptions& options) {
  require(options.sentencepiece_type == "unigram" || options.sentencepiece_type == "bpe",
          "sentencepiece-type: expected unigram or bpe, found '{}'", options.sentencepiece_type);
  Arguments arguments = {{"model_type", options.sentencepiece_type},
                         {"bos_id", "-1"},
                         {"eos_id", "0"},
                         {"unk_id", "1"},
                         {"character_coverage", "1.0"}};
  const std::string symbols = comma_separated(options.user_defined_symbols);
  if (!symbols.empty()) arguments["user_defined_symbols"] = symbols;
  for (const auto& [name, value] : parse_options(options.sentencepiece_options)) {
    const bool more_symbols = name == "user_defined_symbols" && !symbols.empty();
    arguments[name] = more_symbols ? symbols + "," + value : value;
  }
  return arguments;
}

/// The number after `words` in SentencePiece's message.
std::optional<int> number_after(std::string_view message, std::string_view words) {
  const std::size_t at = message.find(words);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = message.substr(at + words.size());
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() ? std::optional<int>(number) : std::nullopt;
}

std::string names(const std::vector<VocabularyInput>& inputs) {
  std::string text;
  for (const VocabularyInput& input : inputs) text += (text.empty() ? "" : ", ") + input.path;
  return text;
}

/// Whether a line has a character that SentencePiece does not normalise away: its unigram trainer ends the program if
/// it is left without any.
bool has_characters(const std::string& line) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(line.data());
  for (std::size_t i = 0; i < line.size();) {
    utf8proc_int32_t c = 0;
    const auto size = utf8proc_iterate(bytes + i, utf8proc_ssize_t(line.size() - i), &c);
    if (size <= 0) return false;  // cannot be: lines are repaired when they are read
    i += std::size_t(size);
    constexpr utf8proc_int32_t word_begin = 0x2581, replacement = 0xfffd;
    if (c == word_begin || c == replacement) continue;
    const auto category = utf8proc_category(c);
    if (category < UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_CO) return true;
  }
  return false;
}

/// The number of lines, or 0 if there is no character to learn in any of them.
std::int64_t count_lines(const std::vector<VocabularyInput>& inputs) {
  Lines lines(inputs);
  std::int64_t count = 0;
  bool any = false;
  for (std::string line; lines.next(line); ++count) any = any || has_characters(line);
  return any ? count : 0;
}

}  // namespace

void train_vocabulary(const std::vector<VocabularyInput>& inputs, const std::string& output, int size,
                      const VocabularyOptions& options) {
  require(size >= 0, "cannot learn vocabulary {}: size {}, expected at least 1 (or 0 for the default)", output, size);
  require(options.sentencepiece_max_lines >= 0, "sentencepiece-max-lines: {}, expected 0 (all) or more",
          options.sentencepiece_max_lines);
  for (const VocabularyInput& input : inputs) {
    require(!is_standard_input(input.path),
            "cannot learn vocabulary {} from standard input, which can be read only once; learn it from a file before",
            output);
  }
  silence_sentencepiece();
  Arguments arguments = trainer_arguments(options);
  const std::int64_t total = count_lines(inputs);
  require(total > 0, "cannot learn vocabulary {}: no text in {}", output, names(inputs));
  const std::int64_t limit = options.sentencepiece_max_lines;
  const std::int64_t chosen = limit > 0 && limit < total ? limit : total;
  int pieces = size > 0 ? size : default_size;
  std::string model;
  while (model.empty()) {
    EvenSample sample(inputs, chosen, total);
    arguments["vocab_size"] = std::to_string(pieces);
    const auto status = sentencepiece::SentencePieceTrainer::Train(arguments, &sample, &model);
    sample.rethrow();
    if (status.ok()) {
      require(!model.empty(), "cannot learn vocabulary {}: SentencePiece gave nothing", output);
      break;
    }
    model.clear();
    const std::string message = status.error_message();
    if (const auto largest = number_after(message, "Please set it to a value <= ")) {
      if (size == 0 && *largest<pieces&& * largest> 0) {
        pieces = *largest;
        continue;
      }
      fail("cannot learn vocabulary {} with {} pieces: {} allows at most {}", output, pieces, names(inputs), *largest);
    }
    if (const auto smallest = number_after(message, fmt::format("required_chars. {} vs ", pieces))) {
      fail(
          "cannot learn vocabulary {} with {} pieces: the characters in {} alone need {}; ask for more, or lower "
          "--character_coverage in sentencepiece-options",
          output, pieces, names(inputs), *smallest);
    }
    fail("cannot learn vocabulary {} from {}: {}", output, names(inputs), message);
  }
  Vocabulary::from_bytes(model, output);  // throws if options have made it something that we cannot use
  write_atomically(output, model);
}

std::vector<std::string> train_missing_vocabularies(const DataOptions& data, const std::vector<int>& sizes,
                                                    const VocabularyOptions& options) {
  const PairFiles files{data.train_sets, data.tsv, data.tsv_fields};
  check(files, "train-sets");
  require(data.vocabs.size() == 2, "vocabs: {} {}, expected 2: source and target", data.vocabs.size(),
          data.vocabs.size() == 1 ? "path" : "paths");
  require(sizes.empty() || sizes.size() == 2, "dim-vocabs: {} {}, expected 2: source and target", sizes.size(),
          sizes.size() == 1 ? "size" : "sizes");
  const auto input = [&](int side) {
    return files.is_tsv() ? VocabularyInput{files.files[0], side, files.tsv_fields == 0 ? 2 : files.tsv_fields}
                          : VocabularyInput{files.files[std::size_t(side)]};
  };
  std::vector<std::string> learned;
  const auto learn = [&](const std::vector<VocabularyInput>& inputs, const std::string& path, int size) {
    if (file_exists(path)) return;
    require(!is_token_map(path) && !path.ends_with(".fsv"),
            "vocabs: there is no {}, and only SentencePiece models can be learned: expected a name that ends in .spm",
            path);
    log::info("learning vocabulary {} from {}", path, names(inputs));
    train_vocabulary(inputs, path, size, options);
    learned.push_back(path);
  };
  const int source_size = sizes.empty() ? 0 : sizes[0], target_size = sizes.empty() ? 0 : sizes[1];
  if (data.vocabs[0] == data.vocabs[1]) {
    require(source_size == target_size, "dim-vocabs: {} and {}, expected the same twice for the joint vocabulary {}",
            source_size, target_size, data.vocabs[0]);
    learn({input(0), input(1)}, data.vocabs[0], source_size);
  } else {
    learn({input(0)}, data.vocabs[0], source_size);
    learn({input(1)}, data.vocabs[1], target_size);
  }
  return learned;
}

}  // namespace dragoman
