// How fast this machine multiplies matrices: the products of training by shape, or one large product for the peak.
//   bench_product [--threads N] [--peak] [--bfloat16] [--width D] [--ffn F] [--vocabulary V] [--rows R]
// Prints one line of JSON per product: its shape, how it is stored, and GFLOP/s, all threads computing their own.

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "kernels/gemm.h"

namespace {

using namespace dragoman;

struct Shape {
  std::string name;
  int m, n, k;
  GemmOptions options;
};

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// GFLOP/s of all threads together, each with matrices of its own; the median of five rounds.
double measure(const Shape& s, int threads) {
  const double flops = 2.0 * s.m * s.n * s.k;
  const int repeats = std::max(1, int(2e9 / flops));
  std::vector<double> rates;
  std::barrier start(threads);
  std::vector<std::vector<double>> seconds(std::size_t(threads), std::vector<double>(6));
  std::vector<std::thread> team;
  for (int t = 0; t < threads; ++t) {
    team.emplace_back([&, t] {
      use_one_thread_per_product();
      std::vector<float> a(std::size_t(s.m) * s.k, 0.5f), b(std::size_t(s.k) * s.n, 0.25f), c(std::size_t(s.m) * s.n);
      const Matrix left = s.options.transpose_a ? Matrix{a.data(), s.k, s.m, s.m} : Matrix{a.data(), s.m, s.k, s.k};
      const Matrix right = s.options.transpose_b ? Matrix{b.data(), s.n, s.k, s.k} : Matrix{b.data(), s.k, s.n, s.n};
      for (double& one : seconds[std::size_t(t)]) {
        start.arrive_and_wait();
        const double begin = now();
        for (int i = 0; i < repeats; ++i) gemm(left, right, {c.data(), s.m, s.n, s.n}, s.options);
        one = now() - begin;
      }
    });
  }
  for (auto& thread : team) thread.join();
  for (std::size_t round = 1; round < 6; ++round) {  // the first one warms up
    double longest = 0;
    for (const auto& of_thread : seconds) longest = std::max(longest, of_thread[round]);
    rates.push_back(threads * repeats * flops / longest * 1e-9);
  }
  std::nth_element(rates.begin(), rates.begin() + 2, rates.end());
  return rates[2];
}

}  // namespace

int main(int count, char** arguments) {
  int threads = 2, width = 128, ffn = 256, vocabulary = 8000, rows = 512;
  bool peak = false, bfloat16 = false;
  for (int i = 1; i < count; ++i) {
    const auto number = [&](const char* name, int& value) {
      if (std::strcmp(arguments[i], name) != 0 || i + 1 >= count) return false;
      value = std::atoi(arguments[++i]);
      return true;
    };
    if (std::strcmp(arguments[i], "--peak") == 0) {
      peak = true;
    } else if (std::strcmp(arguments[i], "--bfloat16") == 0) {
      bfloat16 = true;
    } else if (!number("--threads", threads) && !number("--width", width) && !number("--ffn", ffn) &&
               !number("--vocabulary", vocabulary) && !number("--rows", rows)) {
      std::fprintf(stderr, "bench_product: unknown option %s\n", arguments[i]);
      return 2;
    }
  }
  std::vector<Shape> shapes;
  if (peak) {
    shapes.push_back({"peak", 1536, 1536, 1536, {}});
  } else {
    const GemmOptions plain{}, left{.transpose_a = true}, right{.transpose_b = true};
    for (const auto& [in, out, name] : {std::tuple{width, width, "projection"},
                                        {width, 3 * width, "qkv"},
                                        {width, ffn, "ffn in"},
                                        {ffn, width, "ffn out"}}) {
      shapes.push_back({std::string(name) + " forward", rows, out, in, plain});
      shapes.push_back({std::string(name) + " dx", rows, in, out, right});
      shapes.push_back({std::string(name) + " dw", in, out, rows, left});
    }
    for (const int block : {64, 128, 256, 512}) {
      const std::string text = " " + std::to_string(block);
      shapes.push_back({"logits transposed" + text, block, vocabulary, width, right});
      shapes.push_back({"logits plain" + text, block, vocabulary, width, plain});
      shapes.push_back({"logits dx" + text, block, width, vocabulary, plain});
      shapes.push_back({"logits dx transposed" + text, block, width, vocabulary, right});
      shapes.push_back({"logits dw" + text, vocabulary, width, block, {.transpose_a = true, .accumulate = true}});
      shapes.push_back(
          {"logits dw transposed" + text, width, vocabulary, block, {.transpose_a = true, .accumulate = true}});
    }
  }
  for (Shape& shape : shapes) {
    if (bfloat16) shape.options.precision = Precision::bfloat16;
    std::printf("{\"product\": \"%s\", \"m\": %d, \"n\": %d, \"k\": %d, \"threads\": %d, \"gflops\": %.1f}\n",
                shape.name.c_str(), shape.m, shape.n, shape.k, threads, measure(shape, threads));
    std::fflush(stdout);
  }
}
