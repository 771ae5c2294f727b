#include "nn/initial.h"

namespace dragoman {

void Initial::draw(Random random, std::span<float> values) const {
  for (float& value : values) {
    switch (kind) {
      case Kind::constant:
        value = size;
        break;
      case Kind::uniform:
        value = float((2 * random.uniform() - 1) * size);
        break;
      case Kind::normal:
        value = float(random.normal() * size);
        break;
    }
  }
  if (first_columns == 0) return;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (int(i % std::size_t(all_columns)) < first_columns) values[i] *= first_factor;
  }
}

}  // namespace dragoman
