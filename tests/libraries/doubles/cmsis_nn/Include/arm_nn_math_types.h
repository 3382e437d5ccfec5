#ifndef ARM_NN_MATH_TYPES_H
#define ARM_NN_MATH_TYPES_H

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "Internal/arm_nn_compiler.h"

#define NN_Q31_MAX ((int32_t)(0x7FFFFFFF))
#define NN_Q31_MIN ((int32_t)(-0x7FFFFFFF - 1))
#define NN_Q7_MAX (127)
#define NN_Q7_MIN (-128)

#endif
