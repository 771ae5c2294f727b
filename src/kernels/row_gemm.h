#pragma once
// Matrix products for inference: a row's result does not depend on the rows that are computed with it.

#include "kernels/gemm.h"

namespace dragoman {

/// gemm() for c = a op(b) (+ bias) (then relu), with the same bits in row i of c whatever the number of rows and the
/// place of i among them: so a translation does not depend on its batch. oneDNN treats the last rows, few rows and many
/// rows differently; here it is only given numbers of rows for which it does not (multiples of 6 from 18 to 72, found
/// by trying all on AVX2 and AVX-512; the test tries again on the machine that it runs on). What is missing is filled
/// up with rows that nobody reads. REQUIRES: neither transpose_a nor accumulate.
void row_gemm(const Matrix& a, const Matrix& b, const MutableMatrix& c, const GemmOptions& options = {});
void row_gemm(const Matrix& a, const Bfloat16Matrix& b, const MutableMatrix& c, const GemmOptions& options = {});

}  // namespace dragoman
