/* In the double this operator can be registered, not executed. */
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_MUL() { return {nullptr, nullptr, 18}; }

}  // namespace tflite
