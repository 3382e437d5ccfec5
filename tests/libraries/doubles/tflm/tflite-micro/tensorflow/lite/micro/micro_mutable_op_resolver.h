/* A contract double: room for N operators, each added once. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_MUTABLE_OP_RESOLVER_H_
#define TENSORFLOW_LITE_MICRO_MICRO_MUTABLE_OP_RESOLVER_H_

#include "tensorflow/lite/micro/compatibility.h"
#include "tensorflow/lite/micro/micro_op_resolver.h"

namespace tflite {

template <unsigned int tOpCount>
class MicroMutableOpResolver : public MicroOpResolver {
 public:
  TF_LITE_REMOVE_VIRTUAL_DELETE

  explicit MicroMutableOpResolver() {}

  const TFLMRegistration *FindOp(int32_t builtin_code) const override {
    for (unsigned int i = 0; i < count_; ++i) {
      if (registrations_[i].builtin_code == builtin_code) {
        return &registrations_[i];
      }
    }
    return nullptr;
  }

  TfLiteStatus AddAdd(const TFLMRegistration &registration = Register_ADD()) {
    return AddBuiltin(0, registration);
  }
  TfLiteStatus AddAveragePool2D(const TFLMRegistration &registration = Register_AVERAGE_POOL_2D()) {
    return AddBuiltin(1, registration);
  }
  TfLiteStatus AddConv2D(const TFLMRegistration &registration = Register_CONV_2D()) {
    return AddBuiltin(3, registration);
  }
  TfLiteStatus AddDepthwiseConv2D(
      const TFLMRegistration &registration = Register_DEPTHWISE_CONV_2D()) {
    return AddBuiltin(4, registration);
  }
  TfLiteStatus AddFullyConnected(
      const TFLMRegistration &registration = Register_FULLY_CONNECTED()) {
    return AddBuiltin(9, registration);
  }
  TfLiteStatus AddMaxPool2D(const TFLMRegistration &registration = Register_MAX_POOL_2D()) {
    return AddBuiltin(17, registration);
  }
  TfLiteStatus AddMul(const TFLMRegistration &registration = Register_MUL()) {
    return AddBuiltin(18, registration);
  }
  TfLiteStatus AddReshape(const TFLMRegistration &registration = Register_RESHAPE()) {
    return AddBuiltin(22, registration);
  }
  TfLiteStatus AddSoftmax(const TFLMRegistration &registration = Register_SOFTMAX()) {
    return AddBuiltin(25, registration);
  }

 private:
  TfLiteStatus AddBuiltin(int32_t builtin_code, const TFLMRegistration &registration) {
    if (count_ >= tOpCount || FindOp(builtin_code) != nullptr) {
      return kTfLiteError;
    }
    registrations_[count_] = registration;
    registrations_[count_++].builtin_code = builtin_code;
    return kTfLiteOk;
  }

  TFLMRegistration registrations_[tOpCount];
  unsigned int count_ = 0;
};

}  // namespace tflite

#endif
