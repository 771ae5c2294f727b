// Load for `dragoman serve` on this computer: requests of one sentence each, in a closed loop (each connection asks
// again when it has its answer) or an open one (requests come at random times, whatever the answers do). Prints one
// JSON line.
//
//   bench_serve_load PORT FILE SOURCE TARGET --connections N --requests N [--rate PER_SECOND] [--seed S]

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace {

namespace net = boost::asio;
using Clock = std::chrono::steady_clock;
using nlohmann::json;

struct Load {
  int port = 0, connections = 1, requests = 1000;
  double rate = 0;  // a second; 0: a closed loop
  std::string source, target;
  std::vector<std::string> lines = {};

  net::io_context io{1};
  int begun = 0;
  std::map<int, std::vector<double>> seconds = {};  // by status; 0: the connection broke
  std::deque<Clock::time_point> arrivals = {};      // of requests that wait for a connection
  std::vector<struct Client*> free = {};
};

struct Client : std::enable_shared_from_this<Client> {
  explicit Client(Load& l) : load(l), socket(l.io) {}

  void connect() {
    const net::ip::tcp::endpoint server(net::ip::address_v4::loopback(), static_cast<unsigned short>(load.port));
    boost::system::error_code error;
    socket.connect(server, error);
    if (error) throw std::runtime_error("cannot connect: " + error.message());
    socket.set_option(net::ip::tcp::no_delay(true));
  }

  /// A connection is made when it is needed first: the server closes those that stay silent.
  void ask(Clock::time_point when) {
    if (!socket.is_open()) connect();
    begin = when;
    const std::string body = json{
        {"q", load.lines[std::size_t(load.begun++) % load.lines.size()]},
        {"source", load.source},
        {"target", load.target}}.dump();
    out = "POST /translate HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(load.port) +
          "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    net::async_write(socket, net::buffer(out), [self = shared_from_this()](auto error, std::size_t) {
      if (error) return self->ended(0);
      self->read();
    });
  }

  void read() {
    net::async_read_until(
        socket, net::dynamic_buffer(in), "\r\n\r\n", [self = shared_from_this()](auto error, std::size_t head) {
          if (error) return self->ended(0);
          const auto length = self->in.find("Content-Length: ");
          const std::size_t size = length < head ? std::strtoul(self->in.c_str() + length + 16, nullptr, 10) : 0;
          const std::size_t missing = head + size - std::min(head + size, self->in.size());
          net::async_read(
              self->socket, net::dynamic_buffer(self->in), net::transfer_exactly(missing),
              [self](auto broken, std::size_t) { self->ended(broken ? 0 : std::atoi(self->in.c_str() + 9)); });
        });
  }

  void ended(int status) {
    load.seconds[status].push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    const bool is_closed = status == 0 || in.find("Connection: close") != std::string::npos;
    in.clear();
    if (is_closed) {
      socket.close();
    }
    if (load.rate > 0) {
      if (load.arrivals.empty()) return load.free.push_back(this);
      const auto when = load.arrivals.front();
      load.arrivals.pop_front();
      ask(when);
    } else if (load.begun < load.requests) {
      ask(Clock::now());
    }
  }

  Load& load;
  net::ip::tcp::socket socket;
  Clock::time_point begin;
  std::string out, in;
};

void run(Load& load, std::uint64_t seed) {
  std::vector<std::shared_ptr<Client>> clients;
  for (int i = 0; i < load.connections; ++i) {
    clients.push_back(std::make_shared<Client>(load));
  }
  const auto begin = Clock::now();
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> pause(load.rate > 0 ? load.rate : 1);
  net::steady_timer timer(load.io);
  int arrived = 0;
  auto due = begin;
  std::function<void()> arrive = [&] {
    while (arrived < load.requests && due <= Clock::now()) {
      ++arrived;
      if (load.free.empty()) {
        load.arrivals.push_back(due);
      } else {
        Client* client = load.free.back();
        load.free.pop_back();
        client->ask(due);
      }
      due += std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(pause(random)));
    }
    if (arrived == load.requests) return;
    timer.expires_at(due);
    timer.async_wait([&](auto) { arrive(); });
  };
  if (load.rate > 0) {
    for (const auto& client : clients) load.free.push_back(client.get());
    arrive();
  } else {
    for (const auto& client : clients) {
      if (load.begun < load.requests) client->ask(Clock::now());
    }
  }
  load.io.run();
  json result{{"seconds", std::chrono::duration<double>(Clock::now() - begin).count()}};
  for (auto& [status, all] : load.seconds) {
    std::sort(all.begin(), all.end());
    const auto quantile = [&, &values = all](double q) {
      return 1000 * values[std::min(values.size() - 1, std::size_t(q * double(values.size())))];
    };
    result["statuses"][std::to_string(status)] = {
        {"count", all.size()}, {"p50", quantile(0.5)}, {"p95", quantile(0.95)}, {"p99", quantile(0.99)}};
  }
  std::cout << result.dump() << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: bench_serve_load PORT FILE SOURCE TARGET --connections N --requests N [--rate R] [--seed S]\n";
    return 2;
  }
  Load load{.port = std::atoi(argv[1]), .source = argv[3], .target = argv[4]};
  std::ifstream file(argv[2]);
  for (std::string line; std::getline(file, line);) load.lines.push_back(line);
  std::uint64_t seed = 1;
  for (int i = 5; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--connections") load.connections = std::atoi(argv[i + 1]);
    if (name == "--requests") load.requests = std::atoi(argv[i + 1]);
    if (name == "--rate") load.rate = std::atof(argv[i + 1]);
    if (name == "--seed") seed = std::strtoull(argv[i + 1], nullptr, 10);
  }
  try {
    if (load.lines.empty()) throw std::runtime_error(std::string(argv[2]) + ": expected lines, found none");
    run(load, seed);
  } catch (const std::exception& error) {
    std::cerr << "bench_serve_load: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
