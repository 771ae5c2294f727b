#include "base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <memory>
#include <vector>

#include "base/error.h"

namespace dragoman {

void set_up_log(const LogOptions& options) {
  const auto level = spdlog::level::from_str(options.level == "warning" ? "warn" : options.level);
  require(level != spdlog::level::off || options.level == "off",
          "log-level: expected trace, debug, info, warn, error, critical or off, found '{}'", options.level);
  std::vector<spdlog::sink_ptr> sinks;
  if (!options.quiet) sinks.push_back(std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  if (!options.file.empty()) {
    try {
      sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file));
    } catch (const spdlog::spdlog_ex& e) {
      fail("log: cannot write {}: {}", options.file, e.what());
    }
  }
  auto logger = std::make_shared<spdlog::logger>("dragoman", sinks.begin(), sinks.end());
  logger->set_level(level);
  logger->set_pattern("[%Y-%m-%d %H:%M:%S] %^%v%$");
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

}  // namespace dragoman
