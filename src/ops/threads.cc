#include "ops/threads.h"

#include "kernels/gemm.h"

namespace dragoman {

void use_one_thread_per_operation() { use_one_thread_per_product(); }

}  // namespace dragoman
