/* A contract double of the interpreter's public interface. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_INTERPRETER_H_
#define TENSORFLOW_LITE_MICRO_MICRO_INTERPRETER_H_

#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/micro/micro_allocator.h"
#include "tensorflow/lite/micro/micro_op_resolver.h"
#include "tensorflow/lite/micro/micro_profiler_interface.h"
#include "tensorflow/lite/schema/schema_generated.h"

#define TFLITE_SCHEMA_VERSION (3)

namespace tflite {

class MicroResourceVariables;

class MicroInterpreter {
 public:
  MicroInterpreter(const Model *model, const MicroOpResolver &op_resolver, uint8_t *tensor_arena,
                   size_t tensor_arena_size, MicroResourceVariables *resource_variables = nullptr,
                   MicroProfilerInterface *profiler = nullptr, bool preserve_all_tensors = false);
  MicroInterpreter(const Model *model, const MicroOpResolver &op_resolver,
                   MicroAllocator *allocator, MicroResourceVariables *resource_variables = nullptr,
                   MicroProfilerInterface *profiler = nullptr);
  ~MicroInterpreter();

  TfLiteStatus AllocateTensors();
  TfLiteStatus Invoke();
  TfLiteStatus Reset();
  TfLiteTensor *input(size_t index);
  TfLiteTensor *output(size_t index);
  size_t arena_used_bytes() const;

 private:
  const Model *model_;
  const MicroOpResolver &resolver_;
  MicroAllocator &allocator_;
  MicroProfilerInterface *profiler_;
  const uint8_t *subgraph_ = nullptr;
  TfLiteTensor *tensors_ = nullptr;
  Node *nodes_ = nullptr;
  const TFLMRegistration **registrations_ = nullptr;
  uint32_t operators_ = 0;
};

}  // namespace tflite

#endif
