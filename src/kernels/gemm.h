#pragma once
// Matrix products by oneDNN's matmul primitive, in single precision or with factors rounded to bfloat16.

#include <cstdint>

#include "tensor/precision.h"

namespace dragoman {

/// A view of a row-major matrix whose rows are `stride` numbers apart.
struct Matrix {
  const float* data;
  int rows;
  int columns;
  std::int64_t stride;
};

/// As Matrix, of numbers in bfloat16.
struct Bfloat16Matrix {
  const std::uint16_t* data;
  int rows;
  int columns;
  std::int64_t stride;
};

/// As Matrix, to be written.
struct MutableMatrix {
  float* data;
  int rows;
  int columns;
  std::int64_t stride;
};

/// Whether this processor (as ONEDNN_MAX_CPU_ISA limits it) and the library multiply in a precision natively.
bool has_products_in(Precision precision);

struct GemmOptions {
  bool transpose_a = false;  ///< use the transpose of what is stored in a
  bool transpose_b = false;
  bool accumulate = false;                   ///< add to c instead of overwriting it
  const float* bias = nullptr;               ///< [columns of c], added to each row
  bool relu = false;                         ///< max(0, .) at last
  Precision precision = Precision::float32;  ///< bfloat16 REQUIRES has_products_in(it)
};

/// c = op(a) op(b) (+ c) (+ bias), then relu. REQUIRES: fitting sizes. Thread-safe: each thread keeps primitives of its
/// own, one for each kind of weights; the number of rows is a runtime dimension, so that it makes no new primitive.
void gemm(const Matrix& a, const Matrix& b, const MutableMatrix& c, const GemmOptions& options = {});

/// The same with b in bfloat16 already, to which a is rounded. REQUIRES: has_products_in(Precision::bfloat16).
void gemm(const Matrix& a, const Bfloat16Matrix& b, const MutableMatrix& c, const GemmOptions& options = {});

/// One thread per product in the calling thread from now on: workers are parallel over batches, not inside products.
void use_one_thread_per_product();

/// Version of the oneDNN library in use, as in "2.6.3", and the instruction set that it uses, as in "AVX512_CORE".
const char* dnn_version();
const char* dnn_instruction_set();

}  // namespace dragoman
