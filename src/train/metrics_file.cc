#include "train/metrics_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"

namespace dragoman {
namespace {

using Json = nlohmann::ordered_json;  // dumps infinities and NaN as null

/// True if `line` is a whole record of an update up to `last`; a new run (0) keeps nothing.
bool is_kept(const std::string& line, std::uint64_t last) {
  if (last == 0) return false;
  const Json record = Json::parse(line, nullptr, false);
  if (!record.is_object()) return false;
  const auto update = record.find("update");
  return update != record.end() && update->is_number_unsigned() && update->get<std::uint64_t>() <= last;
}

/// Rewrites the file without what came after update `last`, if there is any of that.
void drop_after(const std::string& path, std::uint64_t last) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return;
  bool drops = false;
  std::string line;
  // The end may be torn, but what begins otherwise is not ours to be changed.
  require(!std::getline(in, line) || in.eof() || Json::parse(line, nullptr, false).is_object(),
          "metrics-file: {} exists and holds no metrics", path);
  in.clear();
  in.seekg(0);
  while (!drops && std::getline(in, line)) drops = in.eof() || !is_kept(line, last);  // eof: without a line feed
  if (!drops) return;
  in.clear();
  in.seekg(0);
  write_atomically(path, [&](std::ostream& out) {
    while (std::getline(in, line)) {
      if (is_kept(line, last)) out << line << '\n';
    }
  });
}

Json record(const char* type, const Progress& progress) {
  return {{"type", type},
          {"epoch", progress.epoch},
          {"update", progress.updates},
          {"tokens", progress.tokens},
          {"seconds", progress.seconds}};
}

std::string utc_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

MetricsFile::MetricsFile(const std::string& path, std::uint64_t resumed_update) : path_(path) {
  std::error_code ignored;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  if (std::filesystem::is_regular_file(path, ignored)) drop_after(path, resumed_update);
  file_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  require(file_ >= 0, "cannot write {}: {}", path, std::strerror(errno));
}

MetricsFile::~MetricsFile() {
  if (file_ >= 0) ::close(file_);
}

void MetricsFile::train(const Progress& progress, const Tally& tally, double learning_rate, std::uint64_t skipped) {
  Json line = record("train", progress);
  line["loss"] = displayed_cost(tally, "ce-mean-words", true);
  line["learning_rate"] = learning_rate;
  line["gradient_norm"] = tally.mean_norm();
  line["tokens_per_second"] = tally.words_per_second();
  line["skipped"] = skipped;
  append(line.dump());
}

void MetricsFile::valid(const Progress& progress, const std::string& metric, double value, const Verdict& verdict) {
  Json line = record("valid", progress);
  line["metric"] = metric;
  line["value"] = value;
  line["best"] = verdict.best;
  line["stalled"] = verdict.stalled;
  append(line.dump());
}

void MetricsFile::sample(const Progress& progress, const TranslationSample& sample) {
  Json line = record("sample", progress);
  line["line"] = sample.line;
  line["source"] = sample.source;
  line["reference"] = sample.reference;
  line["output"] = sample.output;
  append(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void MetricsFile::start(const Progress& progress, const std::vector<std::pair<std::string, std::string>>& settings) {
  Json line = record("start", progress);
  line["time"] = utc_time();
  line["settings"] = Json::object();
  for (const auto& [name, value] : settings) line["settings"][name] = value;
  append(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void MetricsFile::end(const Progress& progress, const std::string& reason) {
  Json line = record("end", progress);
  line["time"] = utc_time();
  line["reason"] = reason;
  append(line.dump());
}

void MetricsFile::append(const std::string& line) {
  const std::string text = line + "\n";
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(file_, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    require(count >= 0, "cannot write {}: {}", path_, std::strerror(errno));
    written += std::size_t(count);
  }
}

void MetricsFile::sync() { ::fsync(file_); }

}  // namespace dragoman
