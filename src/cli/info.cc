#include <algorithm>
#include <filesystem>
#include <iostream>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"
#include "format/safetensors.h"
#include "text/vocabulary.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

/// 1234567 as "1,234,567".
std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (auto i = std::ptrdiff_t(digits.size()) - 3; i > 0; i -= 3) digits.insert(std::size_t(i), 1, ',');
  return digits;
}

void print_info(const InfoSettings& settings, std::ostream& out) {
  const fs::path folder = settings.model_path;
  require(fs::is_directory(folder), "{}: expected a model directory", settings.model_path);
  const ModelOptions options = read_model_options((folder / "config.yml").string());
  const Safetensors model = Safetensors::open((folder / "model.safetensors").string());

  std::uint64_t numbers = 0, bytes = 0;
  for (const auto& tensor : model.tensors()) {
    numbers += tensor.size();
    bytes += tensor.bytes.size();
  }
  out << fmt::format("model: {}\nparameters: {}\ntensors: {}\nbytes: {}\n", settings.model_path, with_commas(numbers),
                     model.tensors().size(), with_commas(bytes));
  for (const auto& [key, value] : model.metadata()) out << fmt::format("metadata {}: {}\n", key, value);
  std::vector<fs::path> vocabularies;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".spm") vocabularies.push_back(entry.path());
  }
  std::sort(vocabularies.begin(), vocabularies.end());
  for (const auto& path : vocabularies) {
    out << fmt::format("vocabulary: {}, {} pieces\n", path.filename().string(),
                       with_commas(std::uint64_t(Vocabulary::load(path.string()).size())));
  }
  out << "\n" << model_options_yaml(options);
  if (!settings.tensors) return;
  out << "\n# Tensors: name, type, shape\n";
  for (const auto& tensor : model.tensors()) {
    out << fmt::format("{}\t{}\t{}\n", tensor.name, name_of(tensor.type), to_string(tensor.shape));
  }
}

}  // namespace

Parsed<InfoSettings> parse_info(const std::vector<std::string>& args, std::ostream& out) {
  const Command command{.name = "info",
                        .summary = "Shows what a model directory holds: its size, vocabularies, settings and tensors",
                        .usage = "[--tensors] MODEL",
                        .details = "Example:\n  dragoman info --tensors model\n",
                        .arguments = "MODEL",
                        .has_config = false};
  Parsed<InfoSettings> parsed;
  Fields fields;
  fields.group("Info options");
  fields.add("tensors", parsed.settings.tensors, "list all tensors with their type and shape");
  const Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  if (parsed.is_done) return parsed;
  if (arguments.files.size() != 1) {
    throw UsageError(fmt::format("info: expected one model directory, found {}", arguments.files.size()));
  }
  parsed.settings.model_path = arguments.files[0];
  return parsed;
}

int info_command(const std::vector<std::string>& args) {
  const auto parsed = parse_info(args, std::cout);
  if (!parsed.is_done) print_info(parsed.settings, std::cout);
  return 0;
}

}  // namespace dragoman
