#ifndef CMSIS_NN
#error "CMSIS_NN is not defined"
#endif
#include "tensorflow/lite/micro/kernels/fully_connected.h"

#include "Include/arm_nnfunctions.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  auto *data = static_cast<FullyConnectedData *>(allocator->Persistent(sizeof(FullyConnectedData)));
  if (data == nullptr) {
    return kTfLiteError;
  }
  node->user_data = data;
  const uint8_t *weights = node->tensors[node->input(1)].table;
  const flatbuffers::Vector shape = flatbuffers::VectorField(weights, 0);
  cmsis_nn_dims filter = {};
  filter.n = flatbuffers::Read<int32_t>(shape.data + 4);
  filter.c = flatbuffers::Read<int32_t>(shape.data);
  const int32_t bytes = arm_fully_connected_s8_get_buffer_size(&filter);
  if (Prepared(allocator, *node, data, static_cast<size_t>(bytes)) != kTfLiteOk) {
    return kTfLiteError;
  }
  if (bytes > 0) {
    arm_vector_sum_s8(data->sums, data->depth, data->outputs,
                      node->tensors[node->input(1)].data.int8, data->input_offset, 0, Bias(*node));
  }
  return kTfLiteOk;
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = *static_cast<const FullyConnectedData *>(node->user_data);
  const cmsis_nn_context context = {data.sums, data.sums ? data.outputs * 4 : 0};
  const cmsis_nn_fc_params params = {
      data.input_offset, 0, data.output_offset, {data.minimum, data.maximum}};
  const cmsis_nn_per_tensor_quant_params quantisation = {data.multiplier, data.shift};
  const cmsis_nn_dims input = {1, 1, 1, data.depth}, filter = {data.depth, 1, 1, data.outputs};
  const cmsis_nn_dims output = {1, 1, 1, data.outputs};
  const arm_cmsis_nn_status status = arm_fully_connected_s8(
      &context, &params, &quantisation, &input, node->tensors[node->input(0)].data.int8, &filter,
      node->tensors[node->input(1)].data.int8, &output, Bias(*node), &output,
      node->tensors[node->output(0)].data.int8);
  return status == ARM_CMSIS_NN_SUCCESS ? kTfLiteOk : kTfLiteError;
}

}  // namespace

TFLMRegistration Register_FULLY_CONNECTED() { return {Prepare, Invoke, 9}; }

}  // namespace tflite
