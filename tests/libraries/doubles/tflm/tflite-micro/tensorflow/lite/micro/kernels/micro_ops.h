/* A contract double: what a kernel is, and the kernels there are. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_MICRO_OPS_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_MICRO_OPS_H_

#include "tensorflow/lite/c/common.h"

namespace tflite {

/* One operator of the graph, as the double's kernels see it. */
struct Node {
  const uint8_t *table; /* Operator */
  TfLiteTensor *tensors;
  int input(int position) const;
  int output(int position) const;
  void *user_data;
  void *const *scratch; /* by the numbers that RequestScratch gave */
};

/* What kernels ask while they are prepared. Scratch is theirs while they run. A temporary tensor
 * holds what the model file says of one, is never null to a kernel that trusts it, and is given
 * back before the kernel returns. */
struct Allocator {
  virtual void *Persistent(size_t bytes) = 0;
  virtual TfLiteStatus RequestScratch(size_t bytes, int *number) = 0;
  virtual TfLiteTensor *TempTensor(const uint8_t *table) = 0;
  virtual void FreeTempTensor(TfLiteTensor *tensor) = 0;
};

}  // namespace tflite

struct TFLMRegistration {
  TfLiteStatus (*prepare)(tflite::Allocator *, tflite::Node *);
  TfLiteStatus (*invoke)(tflite::Node *);
  int32_t builtin_code;
};

namespace tflite {

TFLMRegistration Register_ADD();
TFLMRegistration Register_AVERAGE_POOL_2D();
TFLMRegistration Register_CONV_2D();
TFLMRegistration Register_DEPTHWISE_CONV_2D();
TFLMRegistration Register_FULLY_CONNECTED();
TFLMRegistration Register_MAX_POOL_2D();
TFLMRegistration Register_MUL();
TFLMRegistration Register_RESHAPE();
TFLMRegistration Register_SOFTMAX();

}  // namespace tflite

#endif
