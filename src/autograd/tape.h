#pragma once
// The record of a forward pass, from which the backward pass is run.

#include <type_traits>
#include <utility>

#include "tensor/arena.h"

namespace dragoman {

/// A list of closures, one for each operation, run in reverse. Closures are trivially copyable (they capture tensors,
/// which are views) and live in the arena beside the numbers, so forgetting a recording costs nothing.
class Tape {
 public:
  /// Appends an operation's backward side.
  template <class F>
  void record(Arena& arena, F backward) {
    static_assert(std::is_trivially_copyable_v<F> && std::is_trivially_destructible_v<F>);
    Node* node = static_cast<Node*>(arena.allocate(sizeof(Recorded<F>)));
    last_ = new (node) Recorded<F>{{last_, [](Node* self) { static_cast<Recorded<F>*>(self)->backward(); }}, backward};
  }

  /// Runs all closures from the last recorded to the first, and forgets them.
  void run_backward() {
    for (Node* node = std::exchange(last_, nullptr); node != nullptr; node = node->previous) node->run(node);
  }

  /// Forgets the recording. Call it whenever the arena is reset.
  void clear() { last_ = nullptr; }

 private:
  struct Node {
    Node* previous;
    void (*run)(Node*);
  };
  template <class F>
  struct Recorded : Node {
    F backward;
  };

  Node* last_ = nullptr;
};

}  // namespace dragoman
