#include <cstring>
#include <memory>
#include <stdexcept>

#include "base/error.h"
#include "fuzz/allocations.h"
#include "fuzz/make_readers.h"
#include "fuzz/reader.h"

namespace dragoman::fuzz {
namespace {

constexpr ReaderEntry readers[] = {
    {"marian-bin", 10, marian_bin_reader},
    {"marian-npz", 6, marian_npz_reader},
    {"marian-npy", 6, marian_npy_reader},
    {"marian-settings", 6, marian_settings_reader},
    {"ctranslate2-file", 10, ctranslate2_file_reader},
    {"ctranslate2-model", 10, ctranslate2_model_reader},
    {"ctranslate2-config", 4, ctranslate2_config_reader},
    {"ctranslate2-vocabulary-json", 4, ctranslate2_vocabulary_json_reader},
    {"ctranslate2-vocabulary-txt", 3, ctranslate2_vocabulary_txt_reader},
    {"safetensors", 12, safetensors_reader},
    {"model-parameters", 10, model_parameters_reader},
    {"model-config", 6, model_config_reader},
    {"training-state", 5, training_state_reader},
    {"translate-config", 5, translate_config_reader},
    {"sentencepiece", 8, sentencepiece_reader},
    {"token-map", 5, token_map_reader},
    {"token-lines", 3, token_lines_reader},
    {"shortlist-binary", 10, shortlist_binary_reader},
    {"shortlist-text", 5, shortlist_text_reader},
    {"vocabulary-map", 5, vocabulary_map_reader},
};

/// What is fair for a file of so many bytes, with the work of a translation.
AllocationBounds bounds_for(std::size_t size) {
  return {.largest = (std::size_t(64) << 20) + 16 * size,
          .total = (std::size_t(256) << 20) + 256 * size,
          .count = 200'000 + 50 * long(size)};
}

}  // namespace

std::span<const ReaderEntry> all_readers() { return readers; }

Outcome read_file_with(const Reader& reader, const std::string& bytes) {
  const std::unique_ptr<std::byte[]> exact(new std::byte[bytes.size()]);  // so that reading past the end is seen
  std::memcpy(exact.get(), bytes.data(), bytes.size());
  Outcome outcome = Outcome::accepted;
  std::string message, exceeded;
  {
    const AllocationWatch watch(bounds_for(bytes.size()));
    try {
      reader.read({exact.get(), bytes.size()});
    } catch (const Error& e) {
      outcome = Outcome::rejected;
      message = e.what();
    } catch (const std::exception& e) {
      message = e.what();
      exceeded = watch.exceeded();
      if (exceeded.empty()) exceeded = "an exception that is no Error";
    }
    if (exceeded.empty()) exceeded = watch.exceeded();
  }
  if (!exceeded.empty()) throw std::runtime_error(exceeded + (message.empty() ? "" : ": " + message));
  if (outcome == Outcome::rejected && message.find(reader.path) == std::string::npos) {
    throw std::runtime_error("an Error that does not name the file: " + message);
  }
  return outcome;
}

}  // namespace dragoman::fuzz
