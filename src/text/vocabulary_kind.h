#pragma once
// What kinds of vocabularies have in common; see vocabulary.h for what the functions mean.

#include <memory>
#include <string>

#include "text/vocabulary.h"

namespace dragoman {

struct Vocabulary::Impl {
  virtual ~Impl() = default;

  virtual std::vector<int> encode(std::string_view line) const = 0;
  virtual std::vector<int> sample(std::string_view line, double alpha, std::uint64_t seed) const = 0;
  virtual bool can_sample() const = 0;
  virtual std::vector<std::string> pieces(std::string_view line) const = 0;
  virtual std::vector<Segment> segments(std::string_view line) const = 0;
  virtual std::vector<std::string> surfaces(std::span<const int> ids) const = 0;
  virtual std::vector<std::string> surfaces_of(const std::vector<std::string>& pieces) const = 0;
  virtual std::string decode(std::span<const int> ids) const = 0;
  virtual std::string join(const std::vector<std::string>& pieces) const = 0;
  virtual int size() const = 0;
  virtual const std::string& piece(int id) const = 0;
  virtual int id(std::string_view piece) const = 0;
  virtual const std::string& sentencepiece_model() const = 0;
  /// Null if the vocabulary cannot change its size.
  virtual std::shared_ptr<const Impl> fitted_to(int) const { return nullptr; }

  std::string bytes, file_ending;
  std::string name;
  int end_id = -1, unk_id = -1;
};

}  // namespace dragoman
