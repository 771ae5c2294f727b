#include "report/run_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "format/model_directory.h"
#include "format/option_fields.h"
#include "report/run_records.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Collects the records of a file.
class RunBuilder {
 public:
  explicit RunBuilder(const std::string& path) : warnings_(path) { run_.path = path; }

  void add_line(const std::string& text, std::size_t number, bool is_cut) {
    Json record;
    try {
      record = Json::parse(text);
    } catch (const Json::exception&) {
      warnings_.add(number, is_cut ? "is cut off, as a run that was killed leaves it; left out"
                                   : "is no JSON, damaged perhaps; left out");
      return;
    }
    if (!record.is_object()) {
      warnings_.add(number, "is no JSON object; left out");
      return;
    }
    const RecordFields fields(record, number, warnings_);
    const auto type = fields.text("type");
    if (!type) return;
    if (*type != "train" && *type != "valid" && *type != "sample" && *type != "start" && *type != "end") {
      warnings_.add(number,
                    fmt::format("a record of type '{}', which reports do not know; left out", type->substr(0, 40)));
      return;
    }
    if (const auto at = fields.position()) add(*type, record, fields, *at);
  }

  RunHistory take() {
    run_.warnings = warnings_.texts();
    return std::move(run_);
  }

 private:
  void add(const std::string& type, const Json& record, const RecordFields& fields, const RunPosition& at) {
    if (type == "start") {
      forget_after(at.update);
      const auto time = fields.text("time");
      run_.events.push_back({RunEvent::Kind::start, at, time.value_or(""), ""});
      read_settings(record);
      return;
    }
    if (at.update < last_) {  // continued by a program that told of no start
      if (at.update > 0) forget_after(at.update - 1);
      run_.events.push_back({RunEvent::Kind::rewind, at, "", ""});
    }
    last_ = at.update;
    if (type == "end") {
      const auto time = fields.text("time"), reason = fields.text("reason");
      run_.events.push_back({RunEvent::Kind::end, at, time.value_or(""), reason.value_or("")});
    } else if (type == "train") {
      add_train(fields, at);
    } else if (type == "valid") {
      add_valid(fields, at);
    } else {
      add_sample(fields, at);
    }
  }

  void add_train(const RecordFields& fields, const RunPosition& at) {
    if (!run_.train.empty() && run_.train.back().at.update == at.update) run_.train.pop_back();
    run_.train.push_back({at, fields.number("loss"), fields.number("learning_rate"), fields.number("gradient_norm"),
                          fields.number("tokens_per_second"), fields.optional_number("skipped")});
  }

  void add_valid(const RecordFields& fields, const RunPosition& at) {
    const auto metric = fields.text("metric");
    if (!metric) return;
    std::erase_if(run_.valid, [&](const ValidPoint& p) { return p.at.update == at.update && p.metric == *metric; });
    run_.valid.push_back({at, *metric, fields.number("value"), fields.number("stalled") == 0});
  }

  void add_sample(const RecordFields& fields, const RunPosition& at) {
    const auto line = fields.count("line");
    auto source = fields.text("source"), reference = fields.text("reference"), output = fields.text("output");
    if (!line || !source || !reference || !output) return;
    std::erase_if(run_.samples, [&](const SamplePoint& p) { return p.at.update == at.update && p.line == *line; });
    run_.samples.push_back({at, *line, std::move(*source), std::move(*reference), std::move(*output)});
  }

  void read_settings(const Json& record) {
    const auto settings = record.find("settings");
    if (settings == record.end() || !settings->is_object()) return;
    run_.settings.clear();
    for (const auto& [name, value] : settings->items()) {
      run_.settings.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }

  void forget_after(std::uint64_t update) {
    const auto is_later = [&](const auto& point) { return point.at.update > update; };
    std::erase_if(run_.train, is_later);
    std::erase_if(run_.valid, is_later);
    std::erase_if(run_.samples, is_later);
    std::erase_if(run_.events, is_later);
    last_ = update;
  }

  RunHistory run_;
  LineWarnings warnings_;
  std::uint64_t last_ = 0;
};

std::string metrics_path(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return path;
  const std::string file = (fs::path(path) / "metrics.jsonl").string();
  require(file_exists(file),
          "{}: there is no metrics.jsonl; expected the model directory of a training run, or the file that "
          "metrics-file names",
          path);
  return file;
}

/// The model's settings, for runs that did not record theirs.
void read_config_of(RunHistory& run) {
  const std::string directory = fs::path(run.path).parent_path().string();
  const std::string path = config_path(directory.empty() ? "." : directory);
  if (!file_exists(path)) return;
  try {
    ModelOptions options = read_model_options(path);
    const Fields fields = describe(options);
    for (const Field& field : fields.all()) run.settings.emplace_back(field.name, field.yaml());
  } catch (const Error& e) {
    run.warnings.push_back(fmt::format("{}; settings are not shown", e.what()));
  }
}

}  // namespace

RunHistory read_run(const std::string& path) {
  const std::string file = metrics_path(path);
  std::ifstream in(file, std::ios::binary);
  require(bool(in), "cannot read {}: {}", file, std::strerror(errno));
  RunBuilder builder(file);
  std::string text;
  // What begins otherwise may be a large binary file.
  in >> std::ws;
  require(in.eof() || in.peek() == '{',
          "{} line 1: expected a metrics file, a JSON object a line, found something else", file);
  in.clear();
  in.seekg(0);
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    if (text.find_first_not_of(" \t\r") != std::string::npos) builder.add_line(text, number, in.eof());
  }
  RunHistory run = builder.take();
  if (run.settings.empty()) read_config_of(run);
  return run;
}

std::vector<std::string> run_names(const std::vector<std::string>& paths) {
  std::vector<std::vector<std::string>> parts;  // of each path, last first
  for (const std::string& path : paths) {
    std::error_code ignored;
    fs::path whole = fs::absolute(path, ignored).lexically_normal();
    if (whole.filename() == "metrics.jsonl" || whole.filename().empty()) whole = whole.parent_path();
    auto& list = parts.emplace_back();
    for (const fs::path& part : whole.relative_path()) list.insert(list.begin(), part.string());
    if (list.empty()) list.push_back("run");
  }
  std::vector<std::string> names;
  const std::size_t deepest = std::max_element(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
                                return a.size() < b.size();
                              })->size();
  for (std::size_t depth = 1; depth <= deepest; ++depth) {
    names.clear();
    for (const auto& list : parts) {
      std::string name;
      for (std::size_t i = std::min(depth, list.size()); i-- > 0;) name += list[i] + (i > 0 ? "/" : "");
      names.push_back(std::move(name));
    }
    if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) return names;
  }
  for (std::size_t i = 0; i < names.size(); ++i) names[i] += fmt::format(" ({})", i + 1);
  return names;
}

}  // namespace dragoman
