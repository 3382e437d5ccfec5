/* In the double this operator can be registered, not executed. */
#ifndef CMSIS_NN
#error "CMSIS_NN is not defined"
#endif
#include "Include/arm_nnfunctions.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_MUL() { return {nullptr, nullptr, 18}; }

}  // namespace tflite
