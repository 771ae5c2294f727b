#pragma once
// How many threads one operation uses.

namespace dragoman {

/// One, in the calling thread from now on: workers are parallel over batches and requests, not inside operations.
void use_one_thread_per_operation();

}  // namespace dragoman
