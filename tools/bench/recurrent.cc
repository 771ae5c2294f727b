// Our recurrent layers over batches without padding, and oneDNN's RNN primitives over the same batches with padding.
//   bench_recurrent [--primitive lbr_gru|gru|lstm] [--threads N] [--in D] [--width D] [--words W] [--order
//   sorted|other|drawn]
//                   [--updates U] [--repeats R]
// A layer's forward and backward pass over synthetic sentences as long as Multi30k's in pieces of words. Threads take
// the pieces of a batch in parallel, as training does; "inside" is oneDNN's own way, the whole batch at once and the
// threads inside each primitive. The contestants take turns. First their results are compared where they compute the
// same. Prints one line of JSON: tokens per second, each the median of the repeats, and the share of padding.

#include <omp.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "kernels/gemm.h"
#include "nn/recurrent/recurrent_layer.h"
#include "onednn_recurrent.h"
#include "ops/gather.h"
#include "sentence_lengths.h"

namespace {

using namespace dragoman;

struct Options {
  std::string primitive = "lbr_gru", order = "sorted";
  int threads = 1, in = 256, width = 256, words = 2000, updates = 10, repeats = 7;
};

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// What one thread owns.
struct Worker {
  Arena arena;
  Tape tape;
  Random random{1};
  std::vector<float> gradients, x, dy, y, dx;
  std::unique_ptr<RnnWeights> weights;
};

/// Our layer, and how its weights are those of a primitive.
struct Layer {
  Layer(RnnPrimitive kind, int in_width, int out_width)
      : cell(kind == RnnPrimitive::lstm ? Cell::lstm : Cell::gru), in(in_width), width(out_width) {
    layer = RecurrentLayer(Scope(parameters), {.cell = cell, .in = in, .width = width});
    parameters.allocate();
    parameters.initialise(3);
    for (const char* name : {"input.bias", "recurrent.bias"}) {
      if (const Parameter* p = parameters.find(name)) Initial::uniform(0.1f).draw(Random(4), parameters.values_of(*p));
    }
  }

  /// Calls visit(where in our block, where in oneDNN's arrays, count of floats).
  template <class Visit>
  void for_each_part(RnnWeights& theirs, bool of_gradients, Visit visit) const {
    const int gates = gates_of(cell);
    const auto at = [&](const char* name) { return parameters.find(name)->offset; };
    const auto gate = [&](int i) { return cell == Cell::gru && i < 2 ? 1 - i : i; };  // reset is our first
    float* input = of_gradients ? theirs.dinput.data() : theirs.input.data();
    float* recurrent = of_gradients ? theirs.drecurrent.data() : theirs.recurrent.data();
    float* bias = of_gradients ? theirs.dbias.data() : theirs.bias.data();
    for (int i = 0; i < gates; ++i) {
      for (int row = 0; row < in; ++row) {
        visit(at("input.weight") + (row * gates + i) * width, input + (row * gates + gate(i)) * width, width);
      }
      for (int row = 0; row < width; ++row) {
        visit(at("recurrent.weight") + (row * gates + i) * width, recurrent + (row * gates + gate(i)) * width, width);
      }
      visit(at("input.bias") + i * width, bias + gate(i) * width, width);
    }
    if (cell == Cell::gru && int(theirs.bias.size()) > gates * width) {
      visit(at("recurrent.bias"), bias + gates * width, width);
    }
  }

  void run(Worker& w, const Piece& offsets) const {
    const int tokens = offsets.back();
    w.arena.reset();
    w.tape.clear();
    const Context ctx{w.arena, &w.tape, &w.random, w.gradients.data()};
    Gradient dx{w.dx.data(), false};
    const Tensor x{{tokens, in}, w.x.data(), &dx};
    const TimeOrder order = time_order(ctx, offsets);
    const Tensor sorted = layer.forward(ctx, gather_rows(ctx, x, order.tokens), order, {}, 0).output;
    const Tensor y = gather_rows(ctx, sorted, order.places);
    std::copy_n(y.data, y.size(), w.y.data());
    std::copy_n(w.dy.data(), y.size(), y.gradient->data);
    y.gradient->filled = true;
    w.tape.run_backward();
  }

  Cell cell;
  int in, width;
  Parameters parameters;
  RecurrentLayer layer;
};

/// The largest difference by the largest value.
double difference(const float* a, const float* b, std::int64_t count) {
  double apart = 0, largest = 1e-30;
  for (std::int64_t i = 0; i < count; ++i) {
    apart = std::max(apart, std::fabs(double(a[i]) - b[i]));
    largest = std::max(largest, std::fabs(double(b[i])));
  }
  return apart / largest;
}

/// Ends the program if the two do not compute the same.
void compare(const Layer& ours, Worker& w, const Piece& piece, OnednnRecurrent& theirs) {
  std::fill(w.gradients.begin(), w.gradients.end(), 0.0f);
  ours.run(w, piece);
  const std::vector<float> y = w.y, dx = w.dx;
  w.arena.reset();
  theirs.run(*w.weights, w.arena, w.x.data(), w.dy.data(), w.y.data(), w.dx.data());
  double worst = std::max(difference(y.data(), w.y.data(), std::int64_t(piece.back()) * ours.width),
                          difference(dx.data(), w.dx.data(), std::int64_t(piece.back()) * ours.in));
  const auto whole = [](const std::vector<float>& v) { return *std::max_element(v.begin(), v.end()); };
  const double size = whole(w.weights->drecurrent);
  ours.for_each_part(*w.weights, true, [&](std::int64_t our, const float* their, int count) {
    for (int i = 0; i < count; ++i) {
      worst = std::max(worst, std::fabs(double(w.gradients[std::size_t(our + i)]) - their[i]) / size);
    }
  });
  if (!(worst < 1e-3)) {
    std::fprintf(stderr, "bench_recurrent: results differ by %g, expected the same\n", worst);
    std::exit(1);
  }
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(values.size() / 2), values.end());
  return values[values.size() / 2];
}

int measure(const Options& o, RnnPrimitive kind) {
  const auto batches = draw_batches(o.order, o.words, o.updates);
  const int parts = std::max(o.threads, (o.words + 1023) / 1024);  // as training cuts them
  const Layer ours(kind, o.in, o.width);
  std::vector<std::vector<Piece>> pieces;
  std::vector<std::vector<OnednnRecurrent>> theirs;
  std::vector<Piece> whole;
  std::vector<OnednnRecurrent> theirs_whole;
  double tokens = 0, places = 0;
  int most = 0;
  use_one_thread_per_product();  // primitives are made for a number of threads
  const double begin = now();
  for (const auto& batch : batches) {
    pieces.push_back(cut(batch, parts));
    theirs.emplace_back();
    for (const Piece& piece : pieces.back()) {
      theirs.back().emplace_back(kind, o.in, o.width, piece);
      tokens += piece.back();
      places += double(theirs.back().back().places());
    }
  }
  const double making = (now() - begin) / o.updates;
  omp_set_num_threads(o.threads);
  for (const auto& batch : batches) {
    whole.push_back(cut(batch, 1)[0]);
    theirs_whole.emplace_back(kind, o.in, o.width, whole.back());
    most = std::max(most, whole.back().back());
  }

  std::vector<Worker> workers(std::size_t(o.threads));
  for (Worker& w : workers) {
    w.gradients.assign(ours.parameters.values().size(), 0.0f);
    w.weights = std::make_unique<RnnWeights>(kind, o.in, o.width);
    ours.for_each_part(*w.weights, false, [&](std::int64_t our, float* their, int count) {
      std::copy_n(ours.parameters.values().data() + our, count, their);
    });
    w.x.resize(std::size_t(most) * o.in);
    w.y.resize(std::size_t(most) * o.width);
    w.dx = w.x;
    w.dy = w.y;
    Initial::normal(1).draw(Random(5), w.x);
    Initial::normal(1).draw(Random(6), w.dy);
  }

  constexpr int contestants = 3;  // ours, theirs by pieces, theirs with the threads inside
  std::vector<double> seconds[contestants];
  std::barrier meeting(o.threads);
  const auto work = [&](int index) {
    Worker& w = workers[std::size_t(index)];
    use_one_thread_per_product();
    if (index == 0 && kind != RnnPrimitive::gru) compare(ours, w, pieces[0][0], theirs[0][0]);
    for (int repeat = -1; repeat < o.repeats; ++repeat) {  // the first makes primitives and touches memory
      for (int who = 0; who < contestants; ++who) {
        meeting.arrive_and_wait();
        const double start = now();
        if (who == 2 && index == 0) omp_set_num_threads(o.threads);
        for (int u = 0; u < o.updates; ++u) {
          const auto& parts_of_batch = pieces[std::size_t(u)];
          if (who == 2) {
            w.arena.reset();
            if (index == 0) {
              theirs_whole[std::size_t(u)].run(*w.weights, w.arena, w.x.data(), w.dy.data(), w.y.data(), w.dx.data());
            }
            continue;
          }
          for (std::size_t i = std::size_t(index); i < parts_of_batch.size(); i += workers.size()) {
            if (who == 0) {
              ours.run(w, parts_of_batch[i]);
            } else {
              w.arena.reset();
              theirs[std::size_t(u)][i].run(*w.weights, w.arena, w.x.data(), w.dy.data(), w.y.data(), w.dx.data());
            }
          }
          meeting.arrive_and_wait();  // an update needs all gradients
        }
        if (who == 2 && index == 0) use_one_thread_per_product();
        meeting.arrive_and_wait();
        if (index == 0 && repeat >= 0) seconds[who].push_back(now() - start);
      }
    }
  };
  std::vector<std::thread> team;
  for (int t = 0; t < o.threads; ++t) team.emplace_back(work, t);
  for (auto& thread : team) thread.join();
  const auto rate = [&](int who) { return tokens / median(seconds[who]); };
  const double best = std::max(rate(1), rate(2));
  std::printf(
      "{\"primitive\": \"%s\", \"in\": %d, \"width\": %d, \"words\": %d, \"order\": \"%s\", \"threads\": %d, "
      "\"padding\": %.3f, \"ours\": %.0f, \"onednn_pieces\": %.0f, \"onednn_inside\": %.0f, \"ratio\": %.2f, "
      "\"making_ms\": %.2f, \"onednn\": \"%s %s\"}\n",
      o.primitive.c_str(), o.in, o.width, o.words, o.order.c_str(), o.threads, places / tokens - 1, rate(0), rate(1),
      rate(2), rate(0) / best, making * 1e3, dnn_version(), dnn_instruction_set());
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  Options o;
  for (int i = 1; i < count; ++i) {
    const auto number = [&](const char* name, int& value, int least) {
      if (std::strcmp(arguments[i], name) != 0 || i + 1 >= count) return false;
      value = std::atoi(arguments[++i]);
      return value >= least;
    };
    if (std::strcmp(arguments[i], "--primitive") == 0 && i + 1 < count) {
      o.primitive = arguments[++i];
    } else if (std::strcmp(arguments[i], "--order") == 0 && i + 1 < count) {
      o.order = arguments[++i];
    } else if (!number("--threads", o.threads, 1) && !number("--in", o.in, 1) && !number("--width", o.width, 1) &&
               !number("--words", o.words, 60) && !number("--updates", o.updates, 1) &&
               !number("--repeats", o.repeats, 1)) {
      std::fprintf(stderr, "bench_recurrent: unknown option or value %s\n", arguments[i]);
      return 2;
    }
  }
  if (o.order != "sorted" && o.order != "other" && o.order != "drawn") {
    std::fprintf(stderr, "bench_recurrent: --order: expected sorted, other or drawn, found %s\n", o.order.c_str());
    return 2;
  }
  if (o.primitive == "lbr_gru") return measure(o, RnnPrimitive::lbr_gru);
  if (o.primitive == "gru") return measure(o, RnnPrimitive::gru);
  if (o.primitive == "lstm") return measure(o, RnnPrimitive::lstm);
  std::fprintf(stderr, "bench_recurrent: --primitive: expected lbr_gru, gru or lstm, found %s\n", o.primitive.c_str());
  return 2;
}
