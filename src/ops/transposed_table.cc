#include "ops/transposed_table.h"

#include <algorithm>
#include <cassert>

#include "kernels/kernels.h"

namespace dragoman {
namespace {

constexpr int rows_of_a_block = 64;  // a block of the widest tables fits the cache; a multiple of every vector's width

int blocks_of(const Tensor& table) { return (table.shape[0] + rows_of_a_block - 1) / rows_of_a_block; }

}  // namespace

TransposedTable::TransposedTable(const Tensor& table)
    : stride_(std::int64_t(blocks_of(table)) * rows_of_a_block), values_(std::size_t(table.width() * stride_)) {}

void TransposedTable::fill(const Tensor& table, int index, int count) {
  const int rows = table.shape[0], width = table.width(), blocks = blocks_of(table);
  assert(values_.size() == std::size_t(width * stride_));
  for (int block = blocks * index / count; block < blocks * (index + 1) / count; ++block) {
    const int first = block * rows_of_a_block;
    kernels().transpose(std::min(rows_of_a_block, rows - first), width, table.row(first), width, values_.data() + first,
                        stride_);
  }
}

}  // namespace dragoman
