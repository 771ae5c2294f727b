// Measures the service: how long a lone request takes on an idle server and while bulk work runs, what completions of
// growing prefixes take, and how many words per second bulk work does.
//
//   bench_service MODEL SOURCE_FILE [THREADS]

#include "dragoman/service.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace dragoman;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void print(const char* what, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  std::printf("%-44s p50 %8.2f ms   p95 %8.2f ms   (%zu)\n", what, times[times.size() / 2],
              times[times.size() * 95 / 100], times.size());
}

int words_of(const std::string& line) { return 1 + int(std::count(line.begin(), line.end(), ' ')); }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: bench_service MODEL SOURCE_FILE [THREADS]\n"), 2;
  std::vector<std::string> lines, twenty;
  std::ifstream file(argv[2]);
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
    if (words_of(line) >= 18 && words_of(line) <= 22) twenty.push_back(line);
  }
  // Nothing is taken from the cache of sentences but in the measurement of completions, whose states lie in it too.
  ServiceOptions options{.models = {{.path = argv[1]}}, .threads = argc > 3 ? std::atoi(argv[3]) : 0, .cache_bytes = 0};
  const auto request_of = [](std::vector<std::string> texts, const TranslationDirection& d, Priority priority) {
    return TranslationRequest{
        .texts = std::move(texts), .source = d.source, .target = d.target, .options = {.priority = priority}};
  };
  std::vector<std::string> translations;
  {
    Service service(options);
    const TranslationDirection d = service.directions().front();
    service.translate(request_of({"Hello."}, d, Priority::interactive));
    const auto lone = [&](const char* what, std::size_t count) {
      std::vector<double> times;
      for (std::size_t i = 0; i < count; ++i) {
        const auto start = Clock::now();
        service.translate(request_of({twenty[i % twenty.size()]}, d, Priority::interactive));
        times.push_back(ms_since(start));
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
      print(what, times);
    };
    lone("a request of 18 to 22 words, idle", 300);

    int words = 0;
    std::string text;
    for (const std::string& line : lines) {
      words += words_of(line);
      text += line + "\n";
    }
    for (int i = 0; i < 3; ++i) {
      const auto start = Clock::now();
      service.translate(request_of({text}, d, Priority::bulk));
      const double ms = ms_since(start);
      std::printf("%-44s %.0f words/s (%.3f s)\n", "all lines in one bulk request", words / ms * 1000, ms / 1000);
    }
    std::atomic<bool> ends = false;
    std::thread load([&] {
      while (!ends) service.translate(request_of({text}, d, Priority::bulk));
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    lone("the same while bulk work runs", 200);
    ends = true;
    load.join();
    for (std::size_t i = 0; i < 50; ++i) {
      translations.push_back(
          service.translate(request_of({twenty[i % twenty.size()]}, d, Priority::interactive)).translations[0].text);
    }
  }
  for (const bool remembers : {false, true}) {
    options.cache_bytes = remembers ? 64 << 20 : 0;
    Service service(options);
    const TranslationDirection d = service.directions().front();
    std::vector<double> times, with_words;
    for (std::size_t i = 0; i < translations.size(); ++i) {
      // As somebody types: a word more each time, then back in the middle.
      const std::string& translation = translations[i];
      for (std::size_t end = 0; end != std::string::npos; end = translation.find(' ', end + 1)) {
        CompletionRequest request{.text = twenty[i % twenty.size()],
                                  .prefix = translation.substr(0, end),
                                  .source = d.source,
                                  .target = d.target};
        auto start = Clock::now();
        service.complete(request);
        times.push_back(ms_since(start));
        request.alternatives = 5;
        start = Clock::now();
        service.complete(request);
        with_words.push_back(ms_since(start));
      }
    }
    print(remembers ? "completing, a word more each time" : "the same without memory", times);
    print("the same again with five other words", with_words);
  }
}
