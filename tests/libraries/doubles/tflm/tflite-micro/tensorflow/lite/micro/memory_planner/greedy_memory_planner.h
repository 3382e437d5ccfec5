/* A contract double. It gives each buffer a place of its own, and is not greedy. */
#ifndef TENSORFLOW_LITE_MICRO_MEMORY_PLANNER_GREEDY_MEMORY_PLANNER_H_
#define TENSORFLOW_LITE_MICRO_MEMORY_PLANNER_GREEDY_MEMORY_PLANNER_H_

#include "tensorflow/lite/micro/memory_planner/micro_memory_planner.h"

namespace tflite {

class GreedyMemoryPlanner : public MicroMemoryPlanner {
 public:
  GreedyMemoryPlanner();
  ~GreedyMemoryPlanner() override;

  TfLiteStatus Init(unsigned char *scratch_buffer, int scratch_buffer_size) override;
  TfLiteStatus AddBuffer(int size, int first_time_used, int last_time_used) override;
  TfLiteStatus GetOffsetForBuffer(int buffer_index, int *offset) override;
  size_t GetMaximumMemorySize() override;

 private:
  /* 36 bytes of working memory for each, as upstream. */
  struct Buffer {
    int size, offset;
    int more[7];
  };
  Buffer *buffers_ = nullptr;
  int room_ = 0, count_ = 0, size_ = 0;

  TF_LITE_REMOVE_VIRTUAL_DELETE
};

}  // namespace tflite

#endif
