/* In the double this operator can be registered, not executed. */
#ifndef CMSIS_NN
#error "CMSIS_NN is not defined"
#endif
#include "Include/arm_nnfunctions.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_AVERAGE_POOL_2D() { return {nullptr, nullptr, 0}; }

TFLMRegistration Register_MAX_POOL_2D() { return {nullptr, nullptr, 0}; }

}  // namespace tflite
