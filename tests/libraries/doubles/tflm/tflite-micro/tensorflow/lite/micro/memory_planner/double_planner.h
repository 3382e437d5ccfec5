/* A contract double. */
#pragma once
#include <cstddef>
namespace tflite {
extern const size_t kPlanningBytes;
}
