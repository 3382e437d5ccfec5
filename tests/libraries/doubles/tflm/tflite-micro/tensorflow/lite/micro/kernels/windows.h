/* A contract double: what both variants of CONV_2D, DEPTHWISE_CONV_2D and AVERAGE_POOL_2D share. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_WINDOWS_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_WINDOWS_H_

#include "tensorflow/lite/micro/kernels/kernel_util.h"

namespace tflite {

struct WindowData {
  Image input, filter, output;
  int32_t stride_h, stride_w, dilation_h, dilation_w, pad_h, pad_w;
  int32_t input_offset, output_offset;
  Bounds bounds;
  int32_t *multipliers, *shifts; /* one of each per output channel; null for pooling */
  int scratch;                   /* a number of RequestScratch, or -1 */
};

/* Rows or columns before the image: half of what is missing, rounded down. */
inline int32_t PadBefore(int32_t in, int32_t out, int32_t filter, int32_t stride,
                         int32_t dilation) {
  const int32_t missing = (out - 1) * stride + (filter - 1) * dilation + 1 - in;
  return missing > 0 ? missing / 2 : 0;
}

inline void PlaceWindow(const Node &node, WindowData *data) {
  data->stride_w = Option<int32_t>(node, 1, 0);
  data->stride_h = Option<int32_t>(node, 2, 0);
  data->pad_h =
      PadBefore(data->input.h, data->output.h, data->filter.h, data->stride_h, data->dilation_h);
  data->pad_w =
      PadBefore(data->input.w, data->output.w, data->filter.w, data->stride_w, data->dilation_w);
  data->scratch = -1;
}

/* `first`: the number of the option that holds the fused activation; dilations follow it. */
inline WindowData *PreparedConvolution(Allocator *allocator, Node *node, int first) {
  auto *data = Kept<WindowData>(allocator, node);
  const Temporary input(allocator, node->tensors[node->input(0)]);
  const Temporary filter(allocator, node->tensors[node->input(1)]);
  const Temporary output(allocator, node->tensors[node->output(0)]);
  if (data == nullptr || input.missing() || filter.missing() || output.missing()) {
    return nullptr;
  }
  data->input = ImageOf(input.table());
  data->filter = ImageOf(filter.table());
  data->output = ImageOf(output.table());
  data->dilation_w = Option<int32_t>(*node, first + 1, 1);
  data->dilation_h = Option<int32_t>(*node, first + 2, 1);
  data->bounds = Activation(Option<int8_t>(*node, first, 0), output);
  data->input_offset = -input.zero_point();
  data->output_offset = output.zero_point();
  PlaceWindow(*node, data);
  const int32_t channels = data->output.c;
  data->multipliers = static_cast<int32_t *>(allocator->Persistent(sizeof(int32_t) * channels));
  data->shifts = static_cast<int32_t *>(allocator->Persistent(sizeof(int32_t) * channels));
  if (data->multipliers == nullptr || data->shifts == nullptr) {
    return nullptr;
  }
  for (int32_t channel = 0; channel < channels; channel++) {
    const double weights = filter.scale(filter.scales() > 1 ? channel : 0);
    const Factor factor = Quantised(static_cast<double>(input.scale()) * weights /
                                    static_cast<double>(output.scale()));
    data->multipliers[channel] = factor.multiplier;
    data->shifts[channel] = factor.shift;
  }
  return data;
}

inline WindowData *PreparedPool(Allocator *allocator, Node *node) {
  auto *data = Kept<WindowData>(allocator, node);
  const Temporary input(allocator, node->tensors[node->input(0)]);
  const Temporary output(allocator, node->tensors[node->output(0)]);
  if (data == nullptr || input.missing() || output.missing()) {
    return nullptr;
  }
  data->input = ImageOf(input.table());
  data->output = ImageOf(output.table());
  data->filter = {1, Option<int32_t>(*node, 4, 0), Option<int32_t>(*node, 3, 0), 1};
  data->dilation_h = data->dilation_w = 1;
  data->bounds = Activation(Option<int8_t>(*node, 5, 0), output);
  PlaceWindow(*node, data);
  return data;
}

/* The place of a tap in the input, -1 outside of it. */
inline int32_t Tap(const WindowData &data, int32_t y, int32_t x, int32_t tap_y, int32_t tap_x) {
  const int32_t in_y = y * data.stride_h - data.pad_h + tap_y * data.dilation_h;
  const int32_t in_x = x * data.stride_w - data.pad_w + tap_x * data.dilation_w;
  const bool inside = in_y >= 0 && in_y < data.input.h && in_x >= 0 && in_x < data.input.w;
  return inside ? (in_y * data.input.w + in_x) * data.input.c : -1;
}

}  // namespace tflite

#endif
