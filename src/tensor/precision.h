#pragma once
// Number formats of matrix products.

namespace dragoman {

/// Of the factors of a product. Sums are always single precision.
enum class Precision { float32, bfloat16 };

}  // namespace dragoman
