/* A contract double: all that the interpreter allocates, in the order in which it does. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_ALLOCATOR_H_
#define TENSORFLOW_LITE_MICRO_MICRO_ALLOCATOR_H_

#include "tensorflow/lite/micro/arena_allocator/single_arena_buffer_allocator.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"
#include "tensorflow/lite/micro/memory_planner/micro_memory_planner.h"

namespace tflite {

class MicroAllocator final : public Allocator {
 public:
  static MicroAllocator *Create(uint8_t *tensor_arena, size_t arena_size);
  static MicroAllocator *Create(SingleArenaBufferAllocator *memory_allocator,
                                MicroMemoryPlanner *memory_planner);

  /* The head holds requests for scratch buffers while kernels are prepared. */
  TfLiteStatus StartModelAllocation();
  TfLiteStatus FinishPrepareNodeAllocations();
  TfLiteStatus FinishModelAllocation(TfLiteTensor *tensors, uint32_t count);

  void *Persistent(size_t bytes) override;
  TfLiteStatus RequestScratch(size_t bytes, int *number) override;
  TfLiteTensor *TempTensor(const uint8_t *table) override;
  void FreeTempTensor(TfLiteTensor *tensor) override;
  size_t used_bytes() const;
  void *const *scratch() const { return scratch_; }

 private:
  MicroAllocator(SingleArenaBufferAllocator *memory, MicroMemoryPlanner *planner)
      : memory_(memory), planner_(planner) {}

  SingleArenaBufferAllocator *memory_;
  MicroMemoryPlanner *planner_;
  void **scratch_ = nullptr;
  uint32_t requests_ = 0, before_node_ = 0; /* requests in all, and of earlier nodes */
};

}  // namespace tflite

#endif
