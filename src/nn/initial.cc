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
}

}  // namespace dragoman
