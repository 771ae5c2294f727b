#include "server/metrics.h"

#include <fmt/format.h>

#include <iterator>

namespace dragoman {
namespace {

/// One metric with a single value.
void add(std::string& text, const char* name, const char* kind, const char* help, std::int64_t value) {
  fmt::format_to(std::back_inserter(text), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, kind, value);
}

void add_head(std::string& text, const char* name, const char* kind, const char* help) {
  fmt::format_to(std::back_inserter(text), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, kind);
}

}  // namespace

void Metrics::request_ends(const RequestRecord& record, double seconds) {
  --in_flight_[record.route];
  Durations& durations = durations_[{record.route, record.status}];
  ++durations.count;
  durations.seconds += seconds;
  for (std::size_t i = 0; i < bounds.size(); ++i) durations.at_most[i] += seconds <= bounds[i] ? 1 : 0;
  characters_ += record.characters;
  bytes_in_ += record.bytes_in;
  bytes_out_ += record.bytes_out;
}

std::string Metrics::text(const ServiceStatistics& s) const {
  std::string text;
  const auto out = [&] { return std::back_inserter(text); };
  add_head(text, "libretranslate_http_request_duration_seconds", "summary", "Time spent on request");
  for (const auto& [key, durations] : durations_) {
    const std::string labels = fmt::format("endpoint=\"{}\",status=\"{}\"", key.first, key.second);
    fmt::format_to(out(), "libretranslate_http_request_duration_seconds_count{{{}}} {}\n", labels, durations.count);
    fmt::format_to(out(), "libretranslate_http_request_duration_seconds_sum{{{}}} {:.6f}\n", labels, durations.seconds);
  }
  add_head(text, "libretranslate_http_requests_in_flight", "gauge", "Active requests");
  for (const auto& [route, count] : in_flight_) {
    fmt::format_to(out(), "libretranslate_http_requests_in_flight{{endpoint=\"{}\"}} {}\n", route, count);
  }
  add_head(text, "dragoman_request_duration_seconds", "histogram",
           "Time from a request's head to the end of its answer");
  for (const auto& [key, durations] : durations_) {
    const std::string labels = fmt::format("endpoint=\"{}\",status=\"{}\"", key.first, key.second);
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      fmt::format_to(out(), "dragoman_request_duration_seconds_bucket{{{},le=\"{}\"}} {}\n", labels, bounds[i],
                     durations.at_most[i]);
    }
    fmt::format_to(out(), "dragoman_request_duration_seconds_bucket{{{},le=\"+Inf\"}} {}\n", labels, durations.count);
    fmt::format_to(out(), "dragoman_request_duration_seconds_sum{{{}}} {:.6f}\n", labels, durations.seconds);
    fmt::format_to(out(), "dragoman_request_duration_seconds_count{{{}}} {}\n", labels, durations.count);
  }
  add(text, "dragoman_connections", "gauge", "Open connections", std::int64_t(connections_));
  add(text, "dragoman_connections_refused_total", "counter", "Connections beyond the limit", refused_connections_);
  add(text, "dragoman_received_bytes_total", "counter", "Bytes of bodies of requests", bytes_in_);
  add(text, "dragoman_sent_bytes_total", "counter", "Bytes of bodies of answers", bytes_out_);
  add(text, "dragoman_characters_total", "counter", "Characters of requests", characters_);
  add(text, "dragoman_translations_total", "counter", "Requests to the translation service", s.requests);
  add(text, "dragoman_translations_failed_total", "counter", "Of them, failed", s.failed);
  add(text, "dragoman_translations_rejected_total", "counter", "Of them, rejected because of overload", s.rejected);
  add(text, "dragoman_translations_cancelled_total", "counter", "Of them, cancelled", s.cancelled);
  add(text, "dragoman_translations_expired_total", "counter", "Of them, past their deadline", s.expired);
  add(text, "dragoman_sentences_total", "counter", "Sentences translated", s.sentences);
  add(text, "dragoman_source_tokens_total", "counter", "Source tokens translated", s.source_tokens);
  add(text, "dragoman_target_tokens_total", "counter", "Target tokens produced", s.target_tokens);
  add(text, "dragoman_batches_total", "counter", "Batches computed", s.batches);
  add(text, "dragoman_cache_hits_total", "counter", "Sentences found in the cache", s.cache_hits);
  add(text, "dragoman_cache_misses_total", "counter", "Sentences not found in the cache", s.cache_misses);
  add(text, "dragoman_queued_tokens", "gauge", "Source tokens that wait or are translated",
      std::int64_t(s.queued_tokens));
  add(text, "dragoman_running_translations", "gauge", "Requests that wait or are translated",
      std::int64_t(s.running_requests));
  add(text, "dragoman_loaded_models", "gauge", "Models in memory", std::int64_t(s.loaded_models));
  return text;
}

}  // namespace dragoman
