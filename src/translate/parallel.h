#pragma once
// Doing many independent things in a few threads.

#include <functional>
#include <stop_token>

namespace dragoman {

/// Thrown where work was given up since its stop token was triggered. Not an Error: it was asked for.
struct Interrupted {};

/// `threads`, or for 0 as many as there are cores.
int thread_count(int threads);

/// Calls work(worker, index) for each index in 0 .. count - 1, in that order as far as threads allow, in at most
/// `threads` threads of which the calling one is worker 0. Operations inside use one thread each. What one call throws
/// ends the rest and is thrown here (of several, that of the lowest index). Throws Interrupted if `stop` is triggered
/// before all has begun.
void for_each_parallel(int threads, int count, const std::function<void(int worker, int index)>& work,
                       const std::stop_token& stop = {});

}  // namespace dragoman
