#include "tensorflow/lite/micro/kernels/cmsis_nn/windows.h"

namespace tflite {
namespace {

cmsis_nn_dw_conv_params Params(const WindowData &data) {
  return {data.input_offset,
          data.output_offset,
          data.output.c / data.input.c,
          {data.stride_w, data.stride_h},
          {data.pad_w, data.pad_h},
          {data.dilation_w, data.dilation_h},
          {data.bounds.least, data.bounds.most}};
}

int32_t Bytes(const WindowData &data) {
  const cmsis_nn_dw_conv_params params = Params(data);
  const cmsis_nn_dims input = Dims(data.input), filter = Dims(data.filter);
  const cmsis_nn_dims output = Dims(data.output);
  return arm_depthwise_conv_wrapper_s8_get_buffer_size(&params, &input, &filter, &output);
}

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  auto *data = PreparedConvolution(allocator, node, 4);
  return data ? WithScratch(allocator, data, Bytes(*data)) : kTfLiteError;
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = KeptOf<WindowData>(*node);
  const cmsis_nn_context context = Context(*node, data, Bytes(data));
  const cmsis_nn_dw_conv_params params = Params(data);
  const cmsis_nn_per_channel_quant_params quantisation = {data.multipliers, data.shifts};
  const cmsis_nn_dims input = Dims(data.input), filter = Dims(data.filter);
  const cmsis_nn_dims output = Dims(data.output), bias = {1, 1, 1, data.output.c};
  const arm_cmsis_nn_status status = arm_depthwise_conv_wrapper_s8(
      &context, &params, &quantisation, &input, Input(*node, 0), &filter, Input(*node, 1), &bias,
      Bias(*node), &output, Output(*node));
  return status == ARM_CMSIS_NN_SUCCESS ? kTfLiteOk : kTfLiteError;
}

}  // namespace

TFLMRegistration Register_DEPTHWISE_CONV_2D() { return {Prepare, Invoke, 4}; }

}  // namespace tflite
