#include "tensorflow/lite/micro/memory_planner/greedy_memory_planner.h"

namespace tflite {

GreedyMemoryPlanner::GreedyMemoryPlanner() {}
GreedyMemoryPlanner::~GreedyMemoryPlanner() {}

TfLiteStatus GreedyMemoryPlanner::Init(unsigned char *scratch_buffer, int scratch_buffer_size) {
  buffers_ = reinterpret_cast<Buffer *>(scratch_buffer);
  room_ = scratch_buffer_size / static_cast<int>(sizeof(Buffer));
  count_ = size_ = 0;
  return kTfLiteOk;
}

TfLiteStatus GreedyMemoryPlanner::AddBuffer(int size, int, int) {
  if (count_ >= room_) {
    return kTfLiteError; /* "Too many buffers" */
  }
  buffers_[count_++] = {size, size_, {}};
  size_ += size;
  return kTfLiteOk;
}

TfLiteStatus GreedyMemoryPlanner::GetOffsetForBuffer(int buffer_index, int *offset) {
  *offset = buffers_[buffer_index].offset;
  return kTfLiteOk;
}

size_t GreedyMemoryPlanner::GetMaximumMemorySize() { return static_cast<size_t>(size_); }

}  // namespace tflite
