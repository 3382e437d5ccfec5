/* A contract double: one arena, a head that grows upwards, temporaries above it, a tail that grows
 * downwards. It checks what upstream checks and no more. */
#ifndef TENSORFLOW_LITE_MICRO_ARENA_ALLOCATOR_SINGLE_ARENA_BUFFER_ALLOCATOR_H_
#define TENSORFLOW_LITE_MICRO_ARENA_ALLOCATOR_SINGLE_ARENA_BUFFER_ALLOCATOR_H_

#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/micro/compatibility.h"

namespace tflite {

class SingleArenaBufferAllocator {
 public:
  SingleArenaBufferAllocator(uint8_t *buffer_head, uint8_t *buffer_tail);
  SingleArenaBufferAllocator(uint8_t *buffer, size_t buffer_size);
  virtual ~SingleArenaBufferAllocator();

  static SingleArenaBufferAllocator *Create(uint8_t *buffer_head, size_t buffer_size);

  virtual TfLiteStatus ResizeBuffer(uint8_t *resizable_buf, size_t size, size_t alignment);
  virtual uint8_t *AllocatePersistentBuffer(size_t size, size_t alignment);
  virtual uint8_t *AllocateTemp(size_t size, size_t alignment);
  virtual void DeallocateTemp(uint8_t *buf);
  virtual TfLiteStatus ResetTempAllocations();
  virtual uint8_t *GetOverlayMemoryAddress() const;
  virtual size_t GetNonPersistentUsedBytes() const;
  virtual size_t GetPersistentUsedBytes() const;
  virtual size_t GetAvailableMemory(size_t alignment) const;

  TF_LITE_REMOVE_VIRTUAL_DELETE

 private:
  uint8_t *buffer_head_, *buffer_tail_;
  uint8_t *head_, *tail_, *temp_;
  int temps_ = 0;
};

}  // namespace tflite

#endif
