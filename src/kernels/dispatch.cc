// Choosing the vector kernels for the processor that the program finds itself on.

#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "kernels/kernels.h"

namespace dragoman {

namespace baseline {
extern const KernelTable table;
}
namespace avx2 {
extern const KernelTable table;
}
namespace avx512 {
extern const KernelTable table;
}
namespace vnni {
extern const KernelTable table;
}

int available_kernels(const KernelTable* tables[4]) {
  int count = 0;
  tables[count++] = &baseline::table;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) {
    tables[count++] = &avx2::table;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")) {
      tables[count++] = &avx512::table;
      if (__builtin_cpu_supports("avx512vnni")) tables[count++] = &vnni::table;
    }
  }
  return count;
}

namespace {

/// Number of sets that the environment allows.
int allowed_sets() {
  if (const char* limit = std::getenv("DRAGOMAN_MAX_ISA"); limit != nullptr && *limit != 0) {
    if (std::strcmp(limit, "baseline") == 0) return 1;
    if (std::strcmp(limit, "avx2") == 0) return 2;
    if (std::strcmp(limit, "avx512") == 0) return 3;
    if (std::strcmp(limit, "vnni") == 0) return 4;
    fail("DRAGOMAN_MAX_ISA: expected baseline, avx2, avx512 or vnni, found '{}'", limit);
  }
  if (const char* limit = std::getenv("ONEDNN_MAX_CPU_ISA"); limit != nullptr) {
    if (std::strncmp(limit, "SSE", 3) == 0 || std::strcmp(limit, "AVX") == 0) return 1;
    if (std::strncmp(limit, "AVX2", 4) == 0) return 2;
    if (std::strcmp(limit, "AVX512_CORE") == 0) return 3;
  }
  return 4;
}

}  // namespace

const KernelTable& kernels() {
  static const KernelTable& chosen = [&]() -> const KernelTable& {
    const KernelTable* tables[4];
    const int available = available_kernels(tables), allowed = allowed_sets();
    return *tables[(available < allowed ? available : allowed) - 1];
  }();
  return chosen;
}

}  // namespace dragoman
