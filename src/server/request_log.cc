#include "server/request_log.h"

#include <spdlog/formatter.h>

#include <chrono>
#include <ctime>
#include <memory>

#include "base/log.h"
#include "server/json.h"

namespace dragoman {
namespace {

bool is_json = false;

constexpr const char* of_requests = "request";  // logger whose messages are JSON objects already

/// 2026-11-28T11:16:26.123Z
std::string utc(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return fmt::format("{}.{:03}Z", text, ms);
}

class JsonLines : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(message.level);
    const std::string_view payload(message.payload.data(), message.payload.size());
    Json json{{"time", utc(message.time)}, {"level", std::string(level.data(), level.size())}};
    if (std::string_view(message.logger_name.data(), message.logger_name.size()) == of_requests) {
      json.update(Json::parse(payload));
    } else {
      json["message"] = std::string(payload);
    }
    const std::string line = to_text(json) + "\n";
    out.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonLines>(); }
};

spdlog::logger& request_logger() {
  static const auto logger = [] {
    const auto common = spdlog::default_logger();
    auto made = std::make_shared<spdlog::logger>(of_requests, common->sinks().begin(), common->sinks().end());
    made->set_level(common->level());
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *logger;
}

}  // namespace

void use_json_log() {
  is_json = true;
  spdlog::default_logger()->set_formatter(std::make_unique<JsonLines>());
}

void log_request(const RequestRecord& r, double milliseconds) {
  if (!is_json) {
    const std::string client = r.key.empty() ? r.client : r.client + " (" + r.key + ")";
    const std::string pair =
        r.source.empty() ? "" : fmt::format(" : {}-{} {} characters", r.source, r.target, r.characters);
    log::info("{} {} {} : {:.1f} ms : {}{} : {}", r.method, r.route, r.status, milliseconds, client, pair, r.id);
    return;
  }
  Json json{{"id", r.id},
            {"client", r.client},
            {"method", r.method},
            {"path", r.route},
            {"status", r.status},
            {"ms", std::int64_t(milliseconds * 10 + 0.5) / 10.0},
            {"bytes_in", r.bytes_in},
            {"bytes_out", r.bytes_out}};
  if (r.characters > 0) json["characters"] = r.characters;
  if (!r.source.empty()) json["source"] = r.source;
  if (!r.target.empty()) json["target"] = r.target;
  if (!r.key.empty()) json["key"] = r.key;
  request_logger().info("{}", to_text(json));
}

}  // namespace dragoman
