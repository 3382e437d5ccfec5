/* A contract double: what both variants of FULLY_CONNECTED share. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_FULLY_CONNECTED_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_FULLY_CONNECTED_H_

#include "tensorflow/lite/micro/kernels/kernel_util.h"

namespace tflite {

struct FullyConnectedData {
  int32_t input_offset, output_offset;
  Factor factor;
  Bounds bounds;
  int32_t depth, outputs;
  int32_t *sums;
};

/* Fills what is kept, which lies in the arena, from temporary tensors, which lie there too. `more`:
 * bytes for kernel sums. Null for an error. */
inline FullyConnectedData *PreparedFullyConnected(Allocator *allocator, Node *node,
                                                  size_t more = 0) {
  auto *data = Kept<FullyConnectedData>(allocator, node);
  const Temporary input(allocator, node->tensors[node->input(0)]);
  const Temporary weights(allocator, node->tensors[node->input(1)]);
  const Temporary output(allocator, node->tensors[node->output(0)]);
  if (data == nullptr || input.missing() || weights.missing() || output.missing() ||
      weights.scales() != 1) {
    return nullptr; /* as upstream until late 2024: one scale for all weights */
  }
  if (more > 0) {
    data->sums = static_cast<int32_t *>(allocator->Persistent(more));
    if (data->sums == nullptr) {
      return nullptr;
    }
    for (size_t i = 0; i < more / sizeof(int32_t); i++) {
      data->sums[i] = 0;
    }
  }
  data->input_offset = -input.zero_point();
  data->output_offset = output.zero_point();
  data->factor = Quantised(static_cast<double>(input.scale() * weights.scale()) /
                           static_cast<double>(output.scale()));
  data->bounds = Activation(Option<int8_t>(*node, 0, 0), output);
  data->outputs = Size(weights.table(), 0);
  data->depth = Size(weights.table(), 1);
  return data;
}

}  // namespace tflite

#endif
