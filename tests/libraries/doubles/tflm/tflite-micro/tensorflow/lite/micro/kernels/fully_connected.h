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

inline float Scale(const uint8_t *tensor) {
  const flatbuffers::Vector v =
      flatbuffers::VectorField(flatbuffers::Follow(flatbuffers::Field(tensor, 4)), 2);
  return flatbuffers::Read<float>(v.data);
}

inline int32_t ZeroPoint(const uint8_t *tensor) {
  const flatbuffers::Vector v =
      flatbuffers::VectorField(flatbuffers::Follow(flatbuffers::Field(tensor, 4)), 3);
  return v.size ? static_cast<int32_t>(flatbuffers::Read<int64_t>(v.data)) : 0;
}

inline FullyConnectedData Prepared(const Node &node) {
  const uint8_t *input = node.tensors[node.input(0)].table;
  const uint8_t *weights = node.tensors[node.input(1)].table;
  const uint8_t *output = node.tensors[node.output(0)].table;
  FullyConnectedData data = {};
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
  const flatbuffers::Vector shape = flatbuffers::VectorField(weights, 0);
  data.outputs = flatbuffers::Read<int32_t>(shape.data);
  data.depth = flatbuffers::Read<int32_t>(shape.data + 4);
  return data;
}

inline const int32_t *Bias(const Node &node) {
  const int index = node.input(2);
  return index < 0 ? nullptr : static_cast<const int32_t *>(node.tensors[index].data.data);
}

}  // namespace tflite

#endif
