#include <cstring>

#include "tensorflow/lite/micro/kernels/kernel_util.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(Allocator *, Node *) { return kTfLiteOk; }

TfLiteStatus Invoke(Node *node) {
  memcpy(Output(*node), Input(*node, 0), node->tensors[node->output(0)].bytes);
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_RESHAPE() { return {Prepare, Invoke, 22}; }

}  // namespace tflite
