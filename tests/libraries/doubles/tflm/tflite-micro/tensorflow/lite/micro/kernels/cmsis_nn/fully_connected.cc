#ifndef CMSIS_NN
#error "CMSIS_NN is not defined"
#endif
#include "tensorflow/lite/micro/kernels/fully_connected.h"

#include "Include/arm_nnfunctions.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  const uint8_t *weights = node->tensors[node->input(1)].table;
  const cmsis_nn_dims filter = {Size(weights, 1), 0, 0, Size(weights, 0)};
  const int32_t bytes = arm_fully_connected_s8_get_buffer_size(&filter);
  const auto *data = PreparedFullyConnected(allocator, node, static_cast<size_t>(bytes));
  if (data != nullptr && bytes > 0) {
    arm_vector_sum_s8(data->sums, data->depth, data->outputs, Input(*node, 1), data->input_offset,
                      0, Bias(*node));
  }
  return data ? kTfLiteOk : kTfLiteError;
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = KeptOf<FullyConnectedData>(*node);
  const cmsis_nn_context context = {data.sums, data.sums ? data.outputs * 4 : 0};
  const cmsis_nn_fc_params params = {
      data.input_offset, 0, data.output_offset, {data.bounds.least, data.bounds.most}};
  const cmsis_nn_per_tensor_quant_params quantisation = {data.factor.multiplier, data.factor.shift};
  const cmsis_nn_dims input = {1, 1, 1, data.depth}, filter = {data.depth, 1, 1, data.outputs};
  const cmsis_nn_dims output = {1, 1, 1, data.outputs};
  const arm_cmsis_nn_status status =
      arm_fully_connected_s8(&context, &params, &quantisation, &input, Input(*node, 0), &filter,
                             Input(*node, 1), &output, Bias(*node), &output, Output(*node));
  return status == ARM_CMSIS_NN_SUCCESS ? kTfLiteOk : kTfLiteError;
}

}  // namespace

TFLMRegistration Register_FULLY_CONNECTED() { return {Prepare, Invoke, 9}; }

}  // namespace tflite
