// Choosing the vector kernels for the processor that the program finds itself on.

#include <sys/syscall.h>
#include <unistd.h>

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

namespace amx {
extern const KernelTable table;
}

namespace {

/// Asks the system for the registers of the processor's matrix unit, which a process does not have by itself. Older
/// systems do not know of them.
bool may_use_tiles() {
  constexpr long request_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-int8") &&
         ::syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

}  // namespace

int available_kernels(const KernelTable* tables[kernel_sets]) {
  int count = 0;
  tables[count++] = &baseline::table;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) {
    tables[count++] = &avx2::table;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")) {
      tables[count++] = &avx512::table;
      if (__builtin_cpu_supports("avx512vnni")) {
        tables[count++] = &vnni::table;
        if (may_use_tiles()) tables[count++] = &amx::table;
      }
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
    if (std::strcmp(limit, "amx") == 0) return 5;
    fail("DRAGOMAN_MAX_ISA: expected baseline, avx2, avx512, vnni or amx, found '{}'", limit);
  }
  if (const char* limit = std::getenv("ONEDNN_MAX_CPU_ISA"); limit != nullptr) {
    if (std::strncmp(limit, "SSE", 3) == 0 || std::strcmp(limit, "AVX") == 0) return 1;
    if (std::strncmp(limit, "AVX2", 4) == 0) return 2;
    if (std::strcmp(limit, "AVX512_CORE") == 0) return 3;
    if (std::strncmp(limit, "AVX512_CORE_", 12) == 0 && std::strstr(limit, "AMX") == nullptr) return 4;
  }
  return kernel_sets;
}

}  // namespace

const KernelTable& kernels() {
  static const KernelTable& chosen = [&]() -> const KernelTable& {
    const KernelTable* tables[kernel_sets];
    const int available = available_kernels(tables), allowed = allowed_sets();
    return *tables[(available < allowed ? available : allowed) - 1];
  }();
  return chosen;
}

}  // namespace dragoman
