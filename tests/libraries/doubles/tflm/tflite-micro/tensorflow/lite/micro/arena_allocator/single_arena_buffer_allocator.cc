#include "tensorflow/lite/micro/arena_allocator/single_arena_buffer_allocator.h"

#include <new>

namespace tflite {
namespace {

uint8_t *Up(uint8_t *at, size_t alignment) {
  return reinterpret_cast<uint8_t *>((reinterpret_cast<uintptr_t>(at) + alignment - 1) &
                                     ~(alignment - 1));
}

uint8_t *Down(uint8_t *at, size_t alignment) {
  return reinterpret_cast<uint8_t *>(reinterpret_cast<uintptr_t>(at) & ~(alignment - 1));
}

}  // namespace

SingleArenaBufferAllocator::SingleArenaBufferAllocator(uint8_t *buffer_head, uint8_t *buffer_tail)
    : buffer_head_(buffer_head),
      buffer_tail_(buffer_tail),
      head_(buffer_head),
      tail_(buffer_tail),
      temp_(buffer_head) {}

SingleArenaBufferAllocator::SingleArenaBufferAllocator(uint8_t *buffer, size_t buffer_size)
    : SingleArenaBufferAllocator(buffer, buffer + buffer_size) {}

SingleArenaBufferAllocator::~SingleArenaBufferAllocator() {}

SingleArenaBufferAllocator *SingleArenaBufferAllocator::Create(uint8_t *buffer_head,
                                                               size_t buffer_size) {
  SingleArenaBufferAllocator own(buffer_head, buffer_size);
  uint8_t *place = own.AllocatePersistentBuffer(sizeof own, alignof(SingleArenaBufferAllocator));
  return ::new (static_cast<void *>(place)) SingleArenaBufferAllocator(own);
}

TfLiteStatus SingleArenaBufferAllocator::ResizeBuffer(uint8_t *, size_t size, size_t alignment) {
  uint8_t *const start = Up(buffer_head_, alignment);
  if (head_ != temp_ || static_cast<size_t>(tail_ - start) < size) {
    return kTfLiteError;
  }
  head_ = temp_ = start + size;
  return kTfLiteOk;
}

/* Looks at the head only: the tail may grow into temporaries that are in use. */
uint8_t *SingleArenaBufferAllocator::AllocatePersistentBuffer(size_t size, size_t alignment) {
  uint8_t *const at = Down(tail_ - size, alignment);
  if (at < head_) {
    return nullptr;
  }
  tail_ = at;
  return at;
}

/* Once the tail lies below the temporaries the difference is huge, and everything fits. */
uint8_t *SingleArenaBufferAllocator::AllocateTemp(size_t size, size_t alignment) {
  uint8_t *const at = Up(temp_, alignment);
  if (static_cast<size_t>(tail_ - at) < size) {
    return nullptr;
  }
  temp_ = at + size;
  temps_++;
  return at;
}

void SingleArenaBufferAllocator::DeallocateTemp(uint8_t *) { temps_--; }

TfLiteStatus SingleArenaBufferAllocator::ResetTempAllocations() {
  temp_ = head_;
  return temps_ == 0 ? kTfLiteOk : kTfLiteError;
}

uint8_t *SingleArenaBufferAllocator::GetOverlayMemoryAddress() const { return buffer_head_; }

size_t SingleArenaBufferAllocator::GetNonPersistentUsedBytes() const {
  return static_cast<size_t>((head_ > temp_ ? head_ : temp_) - buffer_head_);
}

size_t SingleArenaBufferAllocator::GetPersistentUsedBytes() const {
  return static_cast<size_t>(buffer_tail_ - tail_);
}

size_t SingleArenaBufferAllocator::GetAvailableMemory(size_t alignment) const {
  return static_cast<size_t>(Down(tail_, alignment) - Up(temp_, alignment));
}

}  // namespace tflite
