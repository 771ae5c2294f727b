#pragma once
// What the numbers are computed with.

#include <string>

#include "tensor/precision.h"

namespace dragoman {

/// "oneDNN 2.6.3 with AVX512_CORE" and the like: the library of the matrix products and the instructions it uses.
std::string product_library();

/// Whether this processor has products of factors in a precision.
bool has_operations_in(Precision precision);

/// The instructions that our own kernels use here: baseline, avx2, avx512, vnni or amx.
std::string kernel_instructions();

}  // namespace dragoman
