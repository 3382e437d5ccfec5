/* A contract double: what both variants of ADD share. Both inputs have the output's shape. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_ADD_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_ADD_H_

#include "tensorflow/lite/micro/kernels/kernel_util.h"

namespace tflite {

constexpr int kLeftShift = 20;

struct AddData {
  int32_t offsets[2], output_offset, elements;
  Factor factors[2], output;
  Bounds bounds;
};

/* Both operands are scaled to twice the larger scale. */
inline AddData *PreparedAdd(Allocator *allocator, Node *node) {
  auto *data = Kept<AddData>(allocator, node);
  const Temporary left(allocator, node->tensors[node->input(0)]);
  const Temporary right(allocator, node->tensors[node->input(1)]);
  const Temporary output(allocator, node->tensors[node->output(0)]);
  if (data == nullptr || left.missing() || right.missing() || output.missing() ||
      Elements(left.table()) != Elements(output.table()) ||
      Elements(right.table()) != Elements(output.table())) {
    return nullptr;
  }
  const double one = static_cast<double>(left.scale()), two = static_cast<double>(right.scale());
  const double twice = 2 * (one > two ? one : two);
  const double step = static_cast<double>(output.scale()) * (1 << kLeftShift);
  *data = {{-left.zero_point(), -right.zero_point()},
           output.zero_point(),
           Elements(output.table()),
           {Quantised(one / twice), Quantised(two / twice)},
           Quantised(twice / step),
           Activation(Option<int8_t>(*node, 0, 0), output)};
  return data;
}

}  // namespace tflite

#endif
