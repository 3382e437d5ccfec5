/* A contract double: what both variants of FULLY_CONNECTED share. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_FULLY_CONNECTED_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_FULLY_CONNECTED_H_

#include <cmath>

#include "fixedpoint/fixedpoint.h"
#include "flatbuffers/flatbuffers.h"
#include "ruy/profiler/instrumentation.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

struct FullyConnectedData {
  int32_t input_offset, output_offset, multiplier, shift, minimum, maximum;
  int32_t depth, outputs;
  int32_t *sums;
};

inline float Scale(const TfLiteTensor *tensor) {
  return flatbuffers::Read<float>(tensor->quantization->scale);
}

inline int32_t ZeroPoint(const TfLiteTensor *tensor) { return tensor->quantization->zero_point[0]; }

/* Fills `data`, which lies in the arena, from temporary tensors, which lie there too. */
inline TfLiteStatus Prepared(Allocator *allocator, const Node &node, FullyConnectedData *place,
                             size_t more = 0) {
  TfLiteTensor *input = allocator->TempTensor(node.tensors[node.input(0)].table);
  TfLiteTensor *weights = allocator->TempTensor(node.tensors[node.input(1)].table);
  TfLiteTensor *output = allocator->TempTensor(node.tensors[node.output(0)].table);
  if (input == nullptr || weights == nullptr || output == nullptr ||
      weights->quantization->channels != 1) {
    return kTfLiteError; /* as upstream until late 2024: one scale for all weights */
  }
  FullyConnectedData &data = *place;
  data = {};
  if (more > 0) {
    data.sums = static_cast<int32_t *>(allocator->Persistent(more));
    if (data.sums == nullptr) {
      return kTfLiteError;
    }
    for (size_t i = 0; i < more / sizeof(int32_t); i++) {
      data.sums[i] = 0;
    }
  }
  data.input_offset = -ZeroPoint(input);
  data.output_offset = ZeroPoint(output);
  const double real =
      static_cast<double>(Scale(input) * Scale(weights)) / static_cast<double>(Scale(output));
  int exponent = 0;
  int64_t fixed =
      static_cast<int64_t>(std::round(std::frexp(real, &exponent) * (INT64_C(1) << 31)));
  if (fixed == (INT64_C(1) << 31)) {
    fixed /= 2;
    exponent++;
  }
  data.multiplier = static_cast<int32_t>(fixed);
  data.shift = exponent;
  const uint8_t *options = flatbuffers::Field(node.table, 4);
  const uint8_t *fused = options ? flatbuffers::Field(flatbuffers::Follow(options), 0) : nullptr;
  const int activation = fused ? flatbuffers::Read<int8_t>(fused) : 0;
  data.minimum = activation ? (data.output_offset > -128 ? data.output_offset : -128) : -128;
  data.maximum = 127;
  const flatbuffers::Vector shape = flatbuffers::VectorField(weights->table, 0);
  data.outputs = flatbuffers::Read<int32_t>(shape.data);
  data.depth = flatbuffers::Read<int32_t>(shape.data + 4);
  allocator->FreeTempTensor(output);
  allocator->FreeTempTensor(weights);
  allocator->FreeTempTensor(input);
  return kTfLiteOk;
}

inline const int32_t *Bias(const Node &node) {
  const int index = node.input(2);
  return index < 0 ? nullptr : static_cast<const int32_t *>(node.tensors[index].data.data);
}

}  // namespace tflite

#endif
