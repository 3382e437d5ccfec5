/* A contract double: the library's structs from what a kernel kept. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_CMSIS_NN_WINDOWS_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_CMSIS_NN_WINDOWS_H_

#ifndef CMSIS_NN
#error "CMSIS_NN is not defined"
#endif
#include "Include/arm_nnfunctions.h"
#include "tensorflow/lite/micro/kernels/windows.h"

namespace tflite {

inline cmsis_nn_dims Dims(const Image &image) { return {image.n, image.h, image.w, image.c}; }

/* Scratch of so many bytes while the operator runs. */
inline TfLiteStatus WithScratch(Allocator *allocator, WindowData *data, int32_t bytes) {
  return bytes > 0 ? allocator->RequestScratch(static_cast<size_t>(bytes), &data->scratch)
                   : kTfLiteOk;
}

inline cmsis_nn_context Context(const Node &node, const WindowData &data, int32_t bytes) {
  return {data.scratch < 0 ? nullptr : node.scratch[data.scratch], bytes};
}

}  // namespace tflite

#endif
