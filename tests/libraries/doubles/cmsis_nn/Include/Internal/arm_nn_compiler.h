#ifndef ARM_NN_COMPILER_H
#define ARM_NN_COMPILER_H

#include <stdint.h>

#if defined(__ARM_ARCH)
#error "the double is for targets without Arm's intrinsics"
#endif

#endif
