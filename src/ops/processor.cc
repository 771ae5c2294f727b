#include "ops/processor.h"

#include "kernels/gemm.h"
#include "kernels/kernels.h"

namespace dragoman {

std::string product_library() { return std::string("oneDNN ") + dnn_version() + " with " + dnn_instruction_set(); }

bool has_operations_in(Precision precision) { return has_products_in(precision); }

std::string kernel_instructions() { return kernels().name; }

}  // namespace dragoman
