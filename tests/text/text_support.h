#pragma once
// What tests of text need: folders that vanish, compressed files, small corpora and vocabularies.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "dragoman/error.h"
#include "text/vocabulary.h"
#include "text/vocabulary_training.h"

namespace dragoman::testing {

/// A folder that is removed with all it holds.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / "dragoman-test-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file and gives its path.
  std::string file(const std::string& name, std::string_view content) const {
    ::unlink((*this / name).c_str());  // some file systems are slow to overwrite
    std::ofstream(*this / name, std::ios::binary) << content;
    return *this / name;
  }

 private:
  std::string path_;
};

template <class Compressor>
std::string compressed(std::string_view text) {
  std::istringstream in{std::string(text)};
  boost::iostreams::filtering_istream chain;
  chain.push(Compressor());
  chain.push(in);
  std::ostringstream out;
  boost::iostreams::copy(chain, out);
  return out.str();
}
inline std::string gzip(std::string_view text) { return compressed<boost::iostreams::gzip_compressor>(text); }
inline std::string zstd(std::string_view text) { return compressed<boost::iostreams::zstd_compressor>(text); }

/// The text of the Error that `action` throws; fails the test if it throws none.
inline std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return "";
}

/// Makes a file the standard input of this process for as long as this lives.
class StandardInput {
 public:
  /// Gives `content`, and then waits for end(). At most 64 KiB, the size of a pipe.
  explicit StandardInput(const std::string& content) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    saved_ = ::dup(STDIN_FILENO);
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
    write_end_ = ends[1];
    if (::write(write_end_, content.data(), content.size()) != ssize_t(content.size())) {
      throw std::runtime_error("the pipe is full");
    }
  }
  ~StandardInput() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
    if (write_end_ >= 0) ::close(write_end_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;
  void end() {
    ::close(write_end_);
    write_end_ = -1;
  }

 private:
  int saved_ = -1, write_end_ = -1;
};

/// Lines of random words; the target of a line says the same in other words. Deterministic.
inline std::pair<std::string, std::string> toy_corpus(int lines, std::uint64_t seed = 1) {
  static const std::vector<std::pair<std::string, std::string>> words = {
      {"house", "Haus"},   {"small", "klein"},       {"green", "grün"},
      {"tree", "Baum"},    {"walks", "läuft"},       {"dog", "Hund"},
      {"under", "unter"},  {"the", "der"},           {"sleeping", "schläft"},
      {"water", "Wasser"}, {"yesterday", "gestern"}, {"children", "Kinder"},
      {"play", "spielen"}, {"beautiful", "schön"},   {"old", "alt"}};
  static const std::vector<std::pair<std::string, std::string>> endings = {
      {"", ""}, {"", ""}, {"s", "en"}, {"ing", "end"}, {"ed", "te"}, {"ly", "lich"}, {"er", "ung"}};
  Random random(seed);
  std::string source, target;
  for (int i = 0; i < lines; ++i) {
    const auto length = 1 + random.below(12);
    for (std::uint64_t k = 0; k < length; ++k) {
      const auto& [s, t] = words[random.below(words.size())];
      const auto& [source_ending, target_ending] = endings[random.below(endings.size())];
      source += (k > 0 ? " " : "") + s + source_ending;
      target += (k > 0 ? " " : "") + t + target_ending;
    }
    source += '\n';
    target += '\n';
  }
  return {source, target};
}

/// A joint vocabulary of the toy corpus, learned once for each type.
inline const Vocabulary& toy_vocabulary(std::string_view type = "unigram") {
  const auto learn = [](const std::string& model_type) {
    const Folder folder;
    const auto [source, target] = toy_corpus(400);
    VocabularyOptions options;
    options.sentencepiece_type = model_type;
    train_vocabulary({{folder.file("s", source)}, {folder.file("t", target)}}, folder / "v.spm", 90, options);
    return Vocabulary::load(folder / "v.spm");
  };
  static const Vocabulary unigram = learn("unigram");
  static const Vocabulary bpe = learn("bpe");
  return type == "bpe" ? bpe : unigram;
}

}  // namespace dragoman::testing
