#ifndef CMSIS_NN
#error "CMSIS_NN is not defined"
#endif
#include "tensorflow/lite/micro/kernels/softmax.h"

#include "Include/arm_nnfunctions.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  return PreparedSoftmax(allocator, node) ? kTfLiteOk : kTfLiteError;
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = KeptOf<SoftmaxData>(*node);
  arm_softmax_s8(Input(*node, 0), data.rows, data.depth, data.factor.multiplier, data.factor.shift,
                 data.diff_min, Output(*node));
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_SOFTMAX() { return {Prepare, Invoke, 25}; }

}  // namespace tflite
