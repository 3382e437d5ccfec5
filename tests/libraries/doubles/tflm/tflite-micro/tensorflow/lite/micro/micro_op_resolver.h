/* A contract double. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_OP_RESOLVER_H_
#define TENSORFLOW_LITE_MICRO_MICRO_OP_RESOLVER_H_

#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

class MicroOpResolver {
 public:
  virtual const TFLMRegistration *FindOp(int32_t builtin_code) const = 0;
  virtual ~MicroOpResolver() {}
};

}  // namespace tflite

#endif
