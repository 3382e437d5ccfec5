#ifndef CMSIS_NN
#error "CMSIS_NN is not defined"
#endif
#include "tensorflow/lite/micro/kernels/add.h"

#include "Include/arm_nnfunctions.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  return PreparedAdd(allocator, node) ? kTfLiteOk : kTfLiteError;
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = KeptOf<AddData>(*node);
  const arm_cmsis_nn_status status = arm_elementwise_add_s8(
      Input(*node, 0), Input(*node, 1), data.offsets[0], data.factors[0].multiplier,
      data.factors[0].shift, data.offsets[1], data.factors[1].multiplier, data.factors[1].shift,
      kLeftShift, Output(*node), data.output_offset, data.output.multiplier, data.output.shift,
      data.bounds.least, data.bounds.most, data.elements);
  return status == ARM_CMSIS_NN_SUCCESS ? kTfLiteOk : kTfLiteError;
}

}  // namespace

TFLMRegistration Register_ADD() { return {Prepare, Invoke, 0}; }

}  // namespace tflite
