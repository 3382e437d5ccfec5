/* A contract double: stands for gemmlowp's header at this path. */
#ifndef GEMMLOWP_FIXEDPOINT_H_
#define GEMMLOWP_FIXEDPOINT_H_
namespace gemmlowp {}
#endif
