#include "tensorflow/lite/micro/kernels/cmsis_nn/windows.h"

namespace tflite {
namespace {

int32_t Bytes(const WindowData &data) {
  return arm_avgpool_s8_get_buffer_size(data.output.w, data.input.c);
}

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  auto *data = PreparedPool(allocator, node);
  return data ? WithScratch(allocator, data, Bytes(*data)) : kTfLiteError;
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = KeptOf<WindowData>(*node);
  const cmsis_nn_context context = Context(*node, data, Bytes(data));
  const cmsis_nn_pool_params params = {{data.stride_w, data.stride_h},
                                       {data.pad_w, data.pad_h},
                                       {data.bounds.least, data.bounds.most}};
  const cmsis_nn_dims input = Dims(data.input), filter = Dims(data.filter);
  const cmsis_nn_dims output = Dims(data.output);
  const arm_cmsis_nn_status status =
      arm_avgpool_s8(&context, &params, &input, Input(*node, 0), &filter, &output, Output(*node));
  return status == ARM_CMSIS_NN_SUCCESS ? kTfLiteOk : kTfLiteError;
}

}  // namespace

TFLMRegistration Register_AVERAGE_POOL_2D() { return {Prepare, Invoke, 1}; }

/* In the double this operator can be registered, not executed. */
TFLMRegistration Register_MAX_POOL_2D() { return {nullptr, nullptr, 17}; }

}  // namespace tflite
