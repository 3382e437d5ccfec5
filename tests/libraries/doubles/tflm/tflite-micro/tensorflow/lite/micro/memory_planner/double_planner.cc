#include "tensorflow/lite/micro/memory_planner/double_planner.h"

const size_t tflite::kPlanningBytes = 200;
