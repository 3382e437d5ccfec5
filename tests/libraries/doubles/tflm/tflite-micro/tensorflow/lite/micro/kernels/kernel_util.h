/* A contract double: what its kernels share: sizes, options, and factors of scales. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_KERNEL_UTIL_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_KERNEL_UTIL_H_

#include "fixedpoint/fixedpoint.h"
#include "flatbuffers/flatbuffers.h"
#include "ruy/profiler/instrumentation.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

/* Height, width and channels of an image, or of a filter. */
struct Image {
  int32_t n, h, w, c;
};

/* real = multiplier * 2^(shift - 31) */
struct Factor {
  int32_t multiplier, shift;
};

struct Bounds {
  int32_t least, most;
};

/* A tensor with its quantisation while a kernel is prepared, given back at the end of the scope. */
class Temporary {
 public:
  Temporary(Allocator *allocator, const TfLiteTensor &tensor)
      : allocator_(allocator), tensor_(allocator->TempTensor(tensor.table)) {}
  ~Temporary() {
    if (tensor_) {
      allocator_->FreeTempTensor(tensor_);
    }
  }
  bool missing() const { return tensor_ == nullptr; }
  int32_t scales() const { return tensor_->quantization->channels; }
  float scale(int32_t channel = 0) const {
    return flatbuffers::Read<float>(tensor_->quantization->scale + 4 * channel);
  }
  int32_t zero_point() const { return tensor_->quantization->zero_point[0]; }
  const uint8_t *table() const { return tensor_->table; }

 private:
  Allocator *allocator_;
  TfLiteTensor *tensor_;
};

inline int32_t Size(const uint8_t *tensor, uint32_t dimension) {
  return flatbuffers::Read<int32_t>(flatbuffers::VectorField(tensor, 0).data + 4 * dimension);
}

inline int32_t Elements(const uint8_t *tensor) {
  const uint32_t rank = flatbuffers::VectorField(tensor, 0).size;
  int32_t product = 1;
  for (uint32_t i = 0; i < rank; i++) {
    product *= Size(tensor, i);
  }
  return product;
}

inline Image ImageOf(const uint8_t *tensor) {
  return {Size(tensor, 0), Size(tensor, 1), Size(tensor, 2), Size(tensor, 3)};
}

/* Option `number` of an operator; `absent` if the model file leaves it at its default. */
template <typename T>
T Option(const Node &node, int number, T absent) {
  const uint8_t *options = flatbuffers::Field(node.table, 4);
  const uint8_t *field = options ? flatbuffers::Field(flatbuffers::Follow(options), number) : 0;
  return field ? flatbuffers::Read<T>(field) : absent;
}

/* Built-in functions, because <cmath> brings half of the C++ library into every kernel: reading it
 * takes longer than compiling the kernel. softmax.h includes it.
 */
inline Factor Quantised(double real) {
  Factor factor = {0, 0};
  int exponent = 0;
  int64_t fixed =
      static_cast<int64_t>(__builtin_round(__builtin_frexp(real, &exponent) * (INT64_C(1) << 31)));
  if (fixed == (INT64_C(1) << 31)) {
    fixed /= 2;
    exponent++;
  }
  if (exponent >= -31) {
    factor = {static_cast<int32_t>(fixed), exponent};
  }
  return factor;
}

/* Rounds after the multiplication and after the shift. */
inline int32_t Requantised(int32_t value, Factor factor) {
  const int left = factor.shift > 0 ? factor.shift : 0;
  const int right = factor.shift > 0 ? 0 : -factor.shift;
  const int32_t moved = static_cast<int32_t>(static_cast<uint32_t>(value) << left);
  return gemmlowp::RoundingDivideByPOT(
      gemmlowp::SaturatingRoundingDoublingHighMul(moved, factor.multiplier), right);
}

/* Stored values that the fused activation (0 none, 1 RELU, 2 RELU_N1_TO_1, 3 RELU6) lets through.
 */
inline Bounds Activation(int8_t fused, const Temporary &output) {
  Bounds bounds = {-128, 127};
  const auto stored = [&](float real) {
    return output.zero_point() + static_cast<int32_t>(__builtin_roundf(real / output.scale()));
  };
  if (fused != 0) {
    const int32_t least = stored(fused == 2 ? -1.0f : 0.0f);
    bounds.least = least > bounds.least ? least : bounds.least;
  }
  if (fused > 1) {
    const int32_t most = stored(fused == 2 ? 1.0f : 6.0f);
    bounds.most = most < bounds.most ? most : bounds.most;
  }
  return bounds;
}

inline int8_t Clamped(int32_t value, Bounds bounds) {
  value = value < bounds.least ? bounds.least : value;
  return static_cast<int8_t>(value > bounds.most ? bounds.most : value);
}

inline const int8_t *Input(const Node &node, int position) {
  return node.tensors[node.input(position)].data.int8;
}

inline int8_t *Output(const Node &node) { return node.tensors[node.output(0)].data.int8; }

inline const int32_t *Bias(const Node &node) {
  const int index = node.input(2);
  return index < 0 ? nullptr : static_cast<const int32_t *>(node.tensors[index].data.data);
}

/* Room for what the kernel keeps from its preparation; null if the arena is full. */
template <typename T>
T *Kept(Allocator *allocator, Node *node) {
  auto *data = static_cast<T *>(allocator->Persistent(sizeof(T)));
  node->user_data = data;
  if (data != nullptr) {
    *data = {};
  }
  return data;
}

template <typename T>
const T &KeptOf(const Node &node) {
  return *static_cast<const T *>(node.user_data);
}

}  // namespace tflite

#endif
