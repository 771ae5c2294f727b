// The only file that knows oneDNN, and which of its versions: 2.x describes operations by descriptors that 3.x dropped.

#include <omp.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <dnnl.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/random.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"

namespace dragoman {
namespace {

using dims = dnnl::memory::dims;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

/// What a primitive depends on. The free dimension (rows of c, or the summed one if a is transposed, as in the gradient
/// of weights) is given at run time.
struct ProductKey {
  std::int64_t fixed;  ///< the one of m and k that is not free
  std::int64_t n, a_stride, b_stride, c_stride;
  int flags;
  bool operator==(const ProductKey&) const = default;
};

/// The same with the free dimension, for which memory objects are kept.
struct CallKey {
  ProductKey product;
  std::int64_t free;
  bool operator==(const CallKey&) const = default;
};

struct Hash {
  std::size_t operator()(const ProductKey& key) const {
    return mix(mix(mix(mix(key.fixed * 128 + key.flags) ^ key.n) ^ key.a_stride) ^
               (key.b_stride * 65537 + key.c_stride));
  }
  std::size_t operator()(const CallKey& key) const { return mix((*this)(key.product) ^ key.free); }
};

enum Flag { transposed_a = 1, transposed_b = 2, accumulating = 4, with_bias = 8, with_relu = 16, in_bfloat16 = 32 };

using Type = dnnl::memory::data_type;

dnnl::memory::desc describe(std::int64_t rows, std::int64_t columns, std::int64_t stride, bool transposed, Type type) {
  return transposed ? dnnl::memory::desc(dims{columns, rows}, type, dims{1, stride})
                    : dnnl::memory::desc(dims{rows, columns}, type, dims{stride, 1});
}

/// Descriptors of a, b, bias and c for a product whose free dimension is `free`.
struct Descriptors {
  dnnl::memory::desc a, b, bias, c;
};

Descriptors describe(const ProductKey& key, std::int64_t free) {
  const bool ta = key.flags & transposed_a, tb = key.flags & transposed_b;
  const std::int64_t m = ta ? key.fixed : free, k = ta ? free : key.fixed;
  const Type type = key.flags & in_bfloat16 ? Type::bf16 : Type::f32;
  return {ta ? describe(k, m, key.a_stride, true, type) : describe(m, k, key.a_stride, false, type),
          tb ? describe(key.n, k, key.b_stride, true, type) : describe(k, key.n, key.b_stride, false, type),
          describe(1, key.n, key.n, false, Type::f32), describe(m, key.n, key.c_stride, false, Type::f32)};
}

dnnl::matmul make_product(const ProductKey& key) {
  const Descriptors d = describe(key, DNNL_RUNTIME_DIM_VAL);
  dnnl::post_ops post_ops;
  if (key.flags & accumulating) post_ops.append_sum(1.0f);
#if DNNL_VERSION_MAJOR >= 3
  if (key.flags & with_relu) post_ops.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(post_ops);
  if (key.flags & with_bias) {
    return dnnl::matmul(dnnl::matmul::primitive_desc(cpu(), d.a, d.b, d.bias, d.c, attributes));
  }
  return dnnl::matmul(dnnl::matmul::primitive_desc(cpu(), d.a, d.b, d.c, attributes));
#else
  if (key.flags & with_relu) post_ops.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(post_ops);
  if (key.flags & with_bias) {
    return dnnl::matmul(dnnl::matmul::primitive_desc(dnnl::matmul::desc(d.a, d.b, d.bias, d.c), attributes, cpu()));
  }
  return dnnl::matmul(dnnl::matmul::primitive_desc(dnnl::matmul::desc(d.a, d.b, d.c), attributes, cpu()));
#endif
}

/// A primitive with memory objects for one size of the free dimension: making these costs more than pointing them.
struct Call {
  dnnl::matmul product;
  dnnl::memory a, b, bias, c;

  void run(const dnnl::stream& stream, const void* a_data, const void* b_data, const float* bias_data, float* c_data) {
    dnnl_exec_arg_t arguments[4] = {
        {DNNL_ARG_SRC, a.get()}, {DNNL_ARG_WEIGHTS, b.get()}, {DNNL_ARG_DST, c.get()}, {DNNL_ARG_BIAS, bias.get()}};
    dnnl_memory_set_data_handle(a.get(), const_cast<void*>(a_data));
    dnnl_memory_set_data_handle(b.get(), const_cast<void*>(b_data));
    dnnl_memory_set_data_handle(c.get(), c_data);
    if (bias_data != nullptr) dnnl_memory_set_data_handle(bias.get(), const_cast<float*>(bias_data));
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(product.get(), stream.get(), bias_data != nullptr ? 4 : 3, arguments), "matmul failed");
  }
};

/// The primitives of one thread. Those with a scratchpad of the library's own must run where they were made.
class Products {
 public:
  void run(const CallKey& key, const void* a, const void* b, const float* bias, float* c) {
    auto found = calls_.find(key);
    if (found == calls_.end()) {
      if (calls_.size() >= most_calls) calls_.clear();
      auto product = products_.find(key.product);
      if (product == products_.end()) product = products_.emplace(key.product, make_product(key.product)).first;
      const Descriptors d = describe(key.product, key.free);
      const auto memory = [](const dnnl::memory::desc& desc) { return dnnl::memory(desc, cpu(), nullptr); };
      found = calls_.emplace(key, Call{product->second, memory(d.a), memory(d.b), memory(d.bias), memory(d.c)}).first;
    }
    found->second.run(stream_, a, b, bias, c);
  }

 private:
  static constexpr std::size_t most_calls = 8192;  ///< about 4 MB of memory objects
  dnnl::stream stream_{cpu()};
  std::unordered_map<ProductKey, dnnl::matmul, Hash> products_;
  std::unordered_map<CallKey, Call, Hash> calls_;
};

/// A copy of a matrix in bfloat16, row after row.
class Rounded {
 public:
  const std::uint16_t* copy(const Matrix& m) {
    values_.resize(std::max(values_.size(), std::size_t(m.rows) * m.columns));
    if (m.stride == m.columns) {
      kernels().to_bfloat16(std::int64_t(m.rows) * m.columns, m.data, values_.data());
    } else {
      for (int r = 0; r < m.rows; ++r) {
        kernels().to_bfloat16(m.columns, m.data + r * m.stride, values_.data() + std::size_t(r) * m.columns);
      }
    }
    return values_.data();
  }

 private:
  std::vector<std::uint16_t> values_;
};

}  // namespace

bool has_products_in(Precision precision) {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::avx512_core_bf16:
    case dnnl::cpu_isa::avx512_core_amx:
#if DNNL_VERSION_MAJOR >= 3
    case dnnl::cpu_isa::avx512_core_fp16:
    case dnnl::cpu_isa::avx512_core_amx_fp16:
#endif
      return true;
    default:
      return precision == Precision::float32;
  }
}

namespace {

/// What a product depends on, for a with `a_stride` and any b.
template <class B>
CallKey key_of(const Matrix& a, std::int64_t a_stride, [[maybe_unused]] const B& b, std::int64_t b_stride,
               const MutableMatrix& c, const GemmOptions& options) {
  const int m = c.rows, n = c.columns, k = options.transpose_a ? a.rows : a.columns;
  const int flags = (options.transpose_a ? transposed_a : 0) | (options.transpose_b ? transposed_b : 0) |
                    (options.accumulate ? accumulating : 0) | (options.bias ? with_bias : 0) |
                    (options.relu ? with_relu : 0) | (options.precision == Precision::bfloat16 ? in_bfloat16 : 0);
  assert(m == (options.transpose_a ? a.columns : a.rows) && n == (options.transpose_b ? b.rows : b.columns) &&
         k == (options.transpose_b ? b.columns : b.rows));
  return {{options.transpose_a ? m : k, n, a_stride, b_stride, c.stride, flags}, options.transpose_a ? k : m};
}

/// The primitives of this thread.
Products& products() {
  thread_local Products all;
  return all;
}

/// A product of which nothing, or a sum of nothing, is left: done.
bool is_empty(const Matrix& a, const MutableMatrix& c, const GemmOptions& options) {
  if (c.rows == 0 || c.columns == 0) return true;
  if ((options.transpose_a ? a.rows : a.columns) > 0) return false;
  assert(options.bias == nullptr && !options.relu);
  for (int r = 0; !options.accumulate && r < c.rows; ++r) {
    for (int i = 0; i < c.columns; ++i) c.data[r * c.stride + i] = 0;
  }
  return true;
}

}  // namespace

void gemm(const Matrix& a, const Matrix& b, const MutableMatrix& c, const GemmOptions& options) {
  if (is_empty(a, c, options)) return;
  if (options.precision == Precision::bfloat16) {
    thread_local Rounded left, right;
    products().run(key_of(a, a.columns, b, b.columns, c, options), left.copy(a), right.copy(b), options.bias, c.data);
  } else {
    products().run(key_of(a, a.stride, b, b.stride, c, options), a.data, b.data, options.bias, c.data);
  }
}

void gemm(const Matrix& a, const Bfloat16Matrix& b, const MutableMatrix& c, const GemmOptions& some_options) {
  if (is_empty(a, c, some_options)) return;
  GemmOptions options = some_options;
  options.precision = Precision::bfloat16;
  thread_local Rounded left;
  products().run(key_of(a, a.columns, b, b.stride, c, options), left.copy(a), b.data, options.bias, c.data);
}

void use_one_thread_per_product() { omp_set_num_threads(1); }

const char* dnn_version() {
  static const std::string text = [] {
    const dnnl_version_t* v = dnnl_version();
    return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
  }();
  return text.c_str();
}

const char* dnn_instruction_set() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
      return "SSE41";
    case dnnl::cpu_isa::avx:
      return "AVX";
    case dnnl::cpu_isa::avx2:
      return "AVX2";
    case dnnl::cpu_isa::avx512_core:
      return "AVX512_CORE";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "AVX512_CORE_VNNI";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "AVX512_CORE_BF16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "AVX512_CORE_AMX";
    case dnnl::cpu_isa::avx2_vnni:
      return "AVX2_VNNI";
#if DNNL_VERSION_MAJOR >= 3
    case dnnl::cpu_isa::avx2_vnni_2:
      return "AVX2_VNNI_2";
    case dnnl::cpu_isa::avx512_core_fp16:  // later called AVX10.1 too
      return "AVX512_CORE_FP16";
    case dnnl::cpu_isa::avx512_core_amx_fp16:
      return "AVX512_CORE_AMX_FP16";
#endif
    default:
      return "other";
  }
}

}  // namespace dragoman
