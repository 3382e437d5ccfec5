#include "tensorflow/lite/micro/micro_allocator.h"

#include <new>

#include "flatbuffers/flatbuffers.h"
#include "tensorflow/lite/micro/memory_planner/greedy_memory_planner.h"

namespace tflite {
namespace {

constexpr uint32_t kPerNode = 12; /* requests for scratch */
constexpr size_t kInfoBytes = 24; /* per tensor, while memory is planned */

/* Twelve bytes, in the head until memory is planned. */
struct Request {
  uint32_t bytes;
  uint32_t more[2];
};

int Rounded(size_t bytes) { return static_cast<int>((bytes + 15) / 16 * 16); }

}  // namespace

namespace internal {

/* Upstream asserts that there is a tensor in debug builds only. */
__attribute__((noinline)) TfLiteStatus InitializeTfLiteTensorFromFlatbuffer(
    SingleArenaBufferAllocator *memory, const uint8_t *table, TfLiteTensor *result) {
  *result = {};
  result->table = table;
  const uint8_t *field = flatbuffers::Field(table, 4);
  if (field == nullptr) {
    return kTfLiteError; /* not quantised */
  }
  const uint8_t *given = flatbuffers::Follow(field);
  const flatbuffers::Vector scales = flatbuffers::VectorField(given, 2);
  const flatbuffers::Vector zeros = flatbuffers::VectorField(given, 3);
  auto *found = reinterpret_cast<TfLiteAffineQuantization *>(
      memory->AllocateTemp(sizeof(TfLiteAffineQuantization), alignof(TfLiteAffineQuantization)));
  if (found == nullptr) {
    return kTfLiteError;
  }
  result->quantization = found;
  found->scale = scales.data;
  found->channels = static_cast<int32_t>(scales.size);
  found->zero_point = reinterpret_cast<int32_t *>(
      memory->AllocateTemp((1 + scales.size) * sizeof(int32_t), alignof(int32_t)));
  if (found->zero_point == nullptr) {
    return kTfLiteError;
  }
  for (uint32_t i = 0; i < scales.size; i++) {
    found->zero_point[i] =
        i < zeros.size ? static_cast<int32_t>(flatbuffers::Read<int64_t>(zeros.data + 8 * i)) : 0;
  }
  return kTfLiteOk;
}

}  // namespace internal

MicroAllocator *MicroAllocator::Create(uint8_t *tensor_arena, size_t arena_size) {
  auto *memory = SingleArenaBufferAllocator::Create(tensor_arena, arena_size);
  uint8_t *place =
      memory->AllocatePersistentBuffer(sizeof(GreedyMemoryPlanner), alignof(GreedyMemoryPlanner));
  return Create(memory, ::new (static_cast<void *>(place)) GreedyMemoryPlanner());
}

MicroAllocator *MicroAllocator::Create(SingleArenaBufferAllocator *memory_allocator,
                                       MicroMemoryPlanner *memory_planner) {
  uint8_t *place =
      memory_allocator->AllocatePersistentBuffer(sizeof(MicroAllocator), alignof(MicroAllocator));
  return ::new (static_cast<void *>(place)) MicroAllocator(memory_allocator, memory_planner);
}

TfLiteStatus MicroAllocator::StartModelAllocation() {
  return memory_->ResizeBuffer(nullptr, kPerNode * sizeof(Request), 4);
}

TfLiteStatus MicroAllocator::FinishPrepareNodeAllocations() {
  const TfLiteStatus status = memory_->ResetTempAllocations();
  before_node_ = requests_;
  const size_t room = (requests_ + kPerNode) * sizeof(Request);
  return status == kTfLiteOk ? memory_->ResizeBuffer(nullptr, room, 4) : status;
}

TfLiteStatus MicroAllocator::RequestScratch(size_t bytes, int *number) {
  if (requests_ - before_node_ >= kPerNode) {
    return kTfLiteError;
  }
  auto *requests = reinterpret_cast<Request *>(memory_->GetOverlayMemoryAddress());
  requests[requests_] = {static_cast<uint32_t>(bytes), {}};
  *number = static_cast<int>(requests_++);
  return kTfLiteOk;
}

TfLiteStatus MicroAllocator::FinishModelAllocation(TfLiteTensor *tensors, uint32_t count) {
  const auto *requests = reinterpret_cast<const Request *>(memory_->GetOverlayMemoryAddress());
  scratch_ = static_cast<void **>(Persistent(requests_ * sizeof(void *)));
  uint8_t *info = memory_->AllocateTemp((count + requests_) * kInfoBytes, 4);
  if (scratch_ == nullptr || info == nullptr) {
    return kTfLiteError;
  }
  const size_t rest = memory_->GetAvailableMemory(16);
  uint8_t *scratch = memory_->AllocateTemp(rest, 16);
  if (scratch == nullptr) {
    return kTfLiteError;
  }
  planner_->Init(scratch, static_cast<int>(rest));
  const int last = static_cast<int>(count);
  for (uint32_t i = 0; i < count; i++) {
    if (tensors[i].data.data == nullptr &&
        planner_->AddBuffer(Rounded(tensors[i].bytes), 0, last) != kTfLiteOk) {
      return kTfLiteError;
    }
  }
  for (uint32_t i = 0; i < requests_; i++) {
    if (planner_->AddBuffer(Rounded(requests[i].bytes), 0, last) != kTfLiteOk) {
      return kTfLiteError;
    }
  }
  int planned = 0, offset = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (tensors[i].data.data == nullptr) {
      if (planner_->GetOffsetForBuffer(planned++, &offset) != kTfLiteOk) {
        return kTfLiteError;
      }
      tensors[i].data.data = memory_->GetOverlayMemoryAddress() + offset;
    }
  }
  for (uint32_t i = 0; i < requests_; i++) {
    if (planner_->GetOffsetForBuffer(planned++, &offset) != kTfLiteOk) {
      return kTfLiteError;
    }
    scratch_[i] = memory_->GetOverlayMemoryAddress() + offset;
  }
  memory_->DeallocateTemp(scratch);
  memory_->DeallocateTemp(info);
  if (memory_->ResetTempAllocations() != kTfLiteOk) {
    return kTfLiteError;
  }
  return memory_->ResizeBuffer(nullptr, planner_->GetMaximumMemorySize(), 16);
}

void *MicroAllocator::Persistent(size_t bytes) {
  return memory_->AllocatePersistentBuffer(bytes, 16);
}

TfLiteTensor *MicroAllocator::TempTensor(const uint8_t *table) {
  auto *tensor = reinterpret_cast<TfLiteTensor *>(
      memory_->AllocateTemp(sizeof(TfLiteTensor), alignof(TfLiteTensor)));
  const TfLiteStatus status =
      internal::InitializeTfLiteTensorFromFlatbuffer(memory_, table, tensor);
  return status == kTfLiteOk ? tensor : nullptr;
}

void MicroAllocator::FreeTempTensor(TfLiteTensor *tensor) {
  memory_->DeallocateTemp(reinterpret_cast<uint8_t *>(tensor->quantization->zero_point));
  memory_->DeallocateTemp(reinterpret_cast<uint8_t *>(tensor->quantization));
  memory_->DeallocateTemp(reinterpret_cast<uint8_t *>(tensor));
}

size_t MicroAllocator::used_bytes() const {
  return memory_->GetNonPersistentUsedBytes() + memory_->GetPersistentUsedBytes();
}

}  // namespace tflite
