/* In the double this operator can be registered, not executed. */
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_AVERAGE_POOL_2D() { return {nullptr, nullptr, 0}; }

TFLMRegistration Register_MAX_POOL_2D() { return {nullptr, nullptr, 0}; }

}  // namespace tflite
