#include "tensorflow/lite/micro/kernels/softmax.h"

namespace tflite {
namespace {

using gemmlowp::RoundingDivideByPOT;
using gemmlowp::SaturatingRoundingDoublingHighMul;

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  return PreparedSoftmax(allocator, node) ? kTfLiteOk : kTfLiteError;
}

void Row(const SoftmaxData &data, const int8_t *input, int8_t *output) {
  int32_t largest = -128, sum = 0;
  for (int32_t i = 0; i < data.depth; i++) {
    largest = input[i] > largest ? input[i] : largest;
  }
  const auto power = [&](int32_t below) {
    const int32_t moved = static_cast<int32_t>(static_cast<uint32_t>(below) << data.factor.shift);
    return gemmlowp::ExpOnNegativeValues(
        SaturatingRoundingDoublingHighMul(moved, data.factor.multiplier));
  };
  for (int32_t i = 0; i < data.depth; i++) {
    if (input[i] - largest >= data.diff_min) {
      sum += RoundingDivideByPOT(power(input[i] - largest), 12);
    }
  }
  const int headroom = __builtin_clz(static_cast<unsigned>(sum));
  const uint32_t fraction = (static_cast<uint32_t>(sum) << headroom) - (UINT32_C(1) << 31);
  const int32_t scale = gemmlowp::OneOverOnePlus(static_cast<int32_t>(fraction));
  for (int32_t i = 0; i < data.depth; i++) {
    int32_t value = -128;
    if (input[i] - largest >= data.diff_min) {
      const int32_t product = SaturatingRoundingDoublingHighMul(scale, power(input[i] - largest));
      value += RoundingDivideByPOT(product, 12 - headroom + 31 - 8);
    }
    output[i] = Clamped(value, {-128, 127});
  }
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = KeptOf<SoftmaxData>(*node);
  for (int32_t row = 0; row < data.rows; row++) {
    Row(data, Input(*node, 0) + row * data.depth, Output(*node) + row * data.depth);
  }
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_SOFTMAX() { return {Prepare, Invoke, 25}; }

}  // namespace tflite
