#include "tensorflow/lite/micro/kernels/add.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  return PreparedAdd(allocator, node) ? kTfLiteOk : kTfLiteError;
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = KeptOf<AddData>(*node);
  int8_t *output = Output(*node);
  for (int32_t i = 0; i < data.elements; i++) {
    int32_t sum = 0;
    for (int side = 0; side < 2; side++) {
      const int32_t value = Input(*node, side)[i] + data.offsets[side];
      sum += Requantised(value * (1 << kLeftShift), data.factors[side]);
    }
    output[i] = Clamped(Requantised(sum, data.output) + data.output_offset, data.bounds);
  }
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_ADD() { return {Prepare, Invoke, 0}; }

}  // namespace tflite
