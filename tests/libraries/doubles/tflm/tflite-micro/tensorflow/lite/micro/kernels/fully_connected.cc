#include "tensorflow/lite/micro/kernels/fully_connected.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  void *place = allocator->Persistent(sizeof(FullyConnectedData));
  if (place == nullptr) {
    return kTfLiteError;
  }
  node->user_data = place;
  return Prepared(allocator, *node, static_cast<FullyConnectedData *>(place));
}

int32_t Requantised(int32_t value, const FullyConnectedData &data) {
  const int left = data.shift > 0 ? data.shift : 0;
  const int right = data.shift > 0 ? 0 : -data.shift;
  const int64_t product = (static_cast<int64_t>(value) << left) * data.multiplier;
  const int32_t high = static_cast<int32_t>((product + (INT64_C(1) << 30)) >> 31);
  const int32_t mask = static_cast<int32_t>((INT64_C(1) << right) - 1);
  return (high >> right) + ((high & mask) > (mask >> 1) + (high < 0));
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = *static_cast<const FullyConnectedData *>(node->user_data);
  const int8_t *input = node->tensors[node->input(0)].data.int8;
  const int8_t *weights = node->tensors[node->input(1)].data.int8;
  int8_t *output = node->tensors[node->output(0)].data.int8;
  const int32_t *bias = Bias(*node);
  for (int32_t out = 0; out < data.outputs; out++) {
    int32_t sum = bias ? bias[out] : 0;
    for (int32_t i = 0; i < data.depth; i++) {
      sum += (input[i] + data.input_offset) * weights[out * data.depth + i];
    }
    sum = Requantised(sum, data) + data.output_offset;
    sum = sum < data.minimum ? data.minimum : sum;
    output[out] = static_cast<int8_t>(sum > data.maximum ? data.maximum : sum);
  }
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_FULLY_CONNECTED() { return {Prepare, Invoke, 9}; }

}  // namespace tflite
