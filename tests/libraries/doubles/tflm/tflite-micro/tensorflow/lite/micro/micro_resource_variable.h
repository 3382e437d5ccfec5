/* A contract double: variables are made, no kernel here uses them. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_RESOURCE_VARIABLE_H_
#define TENSORFLOW_LITE_MICRO_MICRO_RESOURCE_VARIABLE_H_

#include "tensorflow/lite/micro/micro_allocator.h"

namespace tflite {

class MicroResourceVariables {
 public:
  static MicroResourceVariables *Create(MicroAllocator *allocator, int num_variables) {
    const size_t bytes = sizeof(MicroResourceVariables) + 16 * static_cast<size_t>(num_variables);
    return static_cast<MicroResourceVariables *>(allocator->Persistent(bytes));
  }
};

}  // namespace tflite

#endif
