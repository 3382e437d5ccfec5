#include "tensorflow/lite/micro/micro_interpreter.h"

namespace tflite {

using flatbuffers::Field;
using flatbuffers::Follow;
using flatbuffers::Read;
using flatbuffers::TableAt;
using flatbuffers::Vector;
using flatbuffers::VectorField;

namespace {

int Tensor(const uint8_t *op, int field, int position) {
  const Vector list = VectorField(op, field);
  return position < static_cast<int>(list.size) ? Read<int32_t>(list.data + 4 * position) : -1;
}

/* Events are marked where error strings are kept only. */
class Scope {
 public:
#ifdef TF_LITE_STRIP_ERROR_STRINGS
  explicit Scope(MicroProfilerInterface *) {}
#else
  explicit Scope(MicroProfilerInterface *profiler)
      : profiler_(profiler), event_(profiler ? profiler->BeginEvent("operator") : 0) {}
  ~Scope() {
    if (profiler_) {
      profiler_->EndEvent(event_);
    }
  }

 private:
  MicroProfilerInterface *profiler_;
  uint32_t event_;
#endif
};

}  // namespace

int Node::input(int position) const { return Tensor(table, 1, position); }
int Node::output(int position) const { return Tensor(table, 2, position); }

MicroInterpreter::MicroInterpreter(const Model *model, const MicroOpResolver &op_resolver,
                                   uint8_t *tensor_arena, size_t tensor_arena_size,
                                   MicroResourceVariables *, MicroProfilerInterface *profiler, bool)
    : model_(model),
      resolver_(op_resolver),
      allocator_(*MicroAllocator::Create(tensor_arena, tensor_arena_size)),
      profiler_(profiler) {}

MicroInterpreter::MicroInterpreter(const Model *model, const MicroOpResolver &op_resolver,
                                   MicroAllocator *allocator, MicroResourceVariables *,
                                   MicroProfilerInterface *profiler)
    : model_(model), resolver_(op_resolver), allocator_(*allocator), profiler_(profiler) {}

MicroInterpreter::~MicroInterpreter() {}

/* No kernel here keeps a state. */
TfLiteStatus MicroInterpreter::Reset() { return kTfLiteOk; }

TfLiteStatus MicroInterpreter::AllocateTensors() {
  subgraph_ = TableAt(VectorField(model_->table(), 2), 0);
  const Vector buffers = VectorField(model_->table(), 4);
  const Vector codes = VectorField(model_->table(), 1);
  const Vector tensors = VectorField(subgraph_, 0);
  const Vector operators = VectorField(subgraph_, 3);
  if (allocator_.StartModelAllocation() != kTfLiteOk) {
    return kTfLiteError;
  }
  tensors_ =
      static_cast<TfLiteTensor *>(allocator_.Persistent(tensors.size * sizeof(TfLiteTensor)));
  nodes_ = static_cast<Node *>(allocator_.Persistent(operators.size * sizeof(Node)));
  registrations_ = static_cast<const TFLMRegistration **>(
      allocator_.Persistent(operators.size * sizeof(void *)));
  if (tensors_ == nullptr || nodes_ == nullptr || registrations_ == nullptr) {
    return kTfLiteError;
  }
  for (uint32_t i = 0; i < tensors.size; i++) {
    const uint8_t *table = TableAt(tensors, i);
    const Vector shape = VectorField(table, 0);
    size_t bytes = 1;
    for (uint32_t d = 0; d < shape.size; d++) {
      bytes *= Read<int32_t>(shape.data + 4 * d);
    }
    const uint8_t *buffer = Field(table, 2);
    const Vector data = VectorField(TableAt(buffers, buffer ? Read<uint32_t>(buffer) : 0), 0);
    tensors_[i] = {};
    tensors_[i].table = table;
    tensors_[i].bytes = data.size ? data.size : bytes;
    if (data.size) {
      tensors_[i].data.data = const_cast<uint8_t *>(data.data);
    }
  }
  operators_ = operators.size;
  for (uint32_t i = 0; i < operators_; i++) {
    const uint8_t *table = TableAt(operators, i);
    const uint8_t *index = Field(table, 0);
    const uint8_t *code = TableAt(codes, index ? Read<uint32_t>(index) : 0);
    const uint8_t *small = Field(code, 0), *large = Field(code, 3);
    const int32_t builtin = large ? Read<int32_t>(large) : small ? Read<int8_t>(small) : 0;
    nodes_[i] = {table, tensors_, nullptr, nullptr};
    registrations_[i] = resolver_.FindOp(builtin);
    if (registrations_[i] == nullptr || registrations_[i]->prepare == nullptr ||
        registrations_[i]->prepare(&allocator_, &nodes_[i]) != kTfLiteOk ||
        allocator_.FinishPrepareNodeAllocations() != kTfLiteOk) {
      return kTfLiteError;
    }
  }
  const TfLiteStatus status = allocator_.FinishModelAllocation(tensors_, tensors.size);
  for (uint32_t i = 0; i < operators_; i++) {
    nodes_[i].scratch = allocator_.scratch();
  }
  return status;
}

TfLiteStatus MicroInterpreter::Invoke() {
  for (uint32_t i = 0; i < operators_; i++) {
    Scope scope(profiler_);
    if (registrations_[i]->invoke == nullptr ||
        registrations_[i]->invoke(&nodes_[i]) != kTfLiteOk) {
      return kTfLiteError;
    }
  }
  return kTfLiteOk;
}

TfLiteTensor *MicroInterpreter::input(size_t index) {
  return &tensors_[Read<int32_t>(VectorField(subgraph_, 1).data + 4 * index)];
}

TfLiteTensor *MicroInterpreter::output(size_t index) {
  return &tensors_[Read<int32_t>(VectorField(subgraph_, 2).data + 4 * index)];
}

size_t MicroInterpreter::arena_used_bytes() const { return allocator_.used_bytes(); }

}  // namespace tflite
