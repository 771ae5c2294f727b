// Measures the service: how long a lone request takes on an idle server and while bulk work runs, what completions of
// growing prefixes take, also of many who type at once, and how many words per second bulk work does.
//
//   bench_service MODEL SOURCE_FILE [THREADS]

#include "dragoman/service.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
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

/// What translations begin with as somebody types them: a word more each time.
std::vector<std::string> growing_prefixes(const std::string& translation) {
  std::vector<std::string> prefixes;
  for (std::size_t end = 0; end != std::string::npos; end = translation.find(' ', end + 1)) {
    prefixes.push_back(translation.substr(0, end));
  }
  return prefixes;
}

/// So many users complete the translations of sentences of their own, a word more each time, each again after `pause`
/// when the answer is there.
void measure_typing(Service& service, const std::vector<std::string>& sources,
                    const std::vector<std::string>& translations, int users, std::chrono::milliseconds pause) {
  const TranslationDirection d = service.directions().front();
  std::mutex mutex;
  std::vector<double> times;
  std::vector<std::thread> typing;
  const auto start = Clock::now();
  for (int user = 0; user < users; ++user) {
    typing.emplace_back([&, user] {
      std::this_thread::sleep_for(pause * user / users);
      for (std::size_t i = 0; i < 3; ++i) {
        const std::size_t which = (std::size_t(user) * 3 + i) % translations.size();
        for (const std::string& prefix : growing_prefixes(translations[which])) {
          const auto begin = Clock::now();
          service.complete({.text = sources[which], .prefix = prefix, .source = d.source, .target = d.target});
          const double ms = ms_since(begin);
          {
            const std::lock_guard lock(mutex);
            times.push_back(ms);
          }
          std::this_thread::sleep_for(pause);
        }
      }
    });
  }
  for (std::thread& user : typing) user.join();
  const double seconds = ms_since(start) / 1000;
  std::string what = std::to_string(users) + " who type, " + std::to_string(pause.count()) + " ms between";
  what += ", " + std::to_string(int(double(times.size()) / seconds)) + " a second";
  print(what.c_str(), times);
}

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
      for (const std::string& prefix : growing_prefixes(translations[i])) {
        CompletionRequest request{
            .text = twenty[i % twenty.size()], .prefix = prefix, .source = d.source, .target = d.target};
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
  twenty.resize(std::min(twenty.size(), translations.size()));
  for (const int users : {1, 16}) {
    for (const int pause : {0, 200}) {
      Service service(options);
      const TranslationDirection d = service.directions().front();
      service.complete({.text = "Hello.", .source = d.source, .target = d.target});  // loads the model
      measure_typing(service, twenty, translations, users, std::chrono::milliseconds(pause));
    }
  }
}
