#include "tensorflow/lite/micro/kernels/fully_connected.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  return PreparedFullyConnected(allocator, node) ? kTfLiteOk : kTfLiteError;
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = KeptOf<FullyConnectedData>(*node);
  const int8_t *input = Input(*node, 0), *weights = Input(*node, 1);
  const int32_t *bias = Bias(*node);
  int8_t *output = Output(*node);
  for (int32_t out = 0; out < data.outputs; out++) {
    int32_t sum = bias ? bias[out] : 0;
    for (int32_t i = 0; i < data.depth; i++) {
      sum += (input[i] + data.input_offset) * weights[out * data.depth + i];
    }
    output[out] = Clamped(Requantised(sum, data.factor) + data.output_offset, data.bounds);
  }
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_FULLY_CONNECTED() { return {Prepare, Invoke, 9}; }

}  // namespace tflite
