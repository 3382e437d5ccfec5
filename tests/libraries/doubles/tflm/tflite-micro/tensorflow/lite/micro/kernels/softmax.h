/* A contract double: what both variants of SOFTMAX share. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_SOFTMAX_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_SOFTMAX_H_

#include <cmath>

#include "tensorflow/lite/micro/kernels/kernel_util.h"

namespace tflite {

struct SoftmaxData {
  int32_t rows, depth;
  Factor factor; /* of differences, to Q5.26 */
  int32_t diff_min;
};

inline SoftmaxData *PreparedSoftmax(Allocator *allocator, Node *node) {
  auto *data = Kept<SoftmaxData>(allocator, node);
  const Temporary input(allocator, node->tensors[node->input(0)]);
  if (data == nullptr || input.missing()) {
    return nullptr;
  }
  const uint32_t rank = flatbuffers::VectorField(input.table(), 0).size;
  data->depth = Size(input.table(), rank - 1);
  data->rows = Elements(input.table()) / data->depth;
  const double beta = static_cast<double>(Option<float>(*node, 0, 0.0f));
  const double real = beta * static_cast<double>(input.scale()) * (1 << 26);
  const double most = 2147483647.0;
  data->factor = Quantised(real < most ? real : most);
  data->diff_min = -static_cast<int32_t>(
      std::floor(31.0 * (1 << 26) / static_cast<double>(INT64_C(1) << data->factor.shift)));
  return data;
}

}  // namespace tflite

#endif
