/* A contract double: stands for ruy's header at this path. */
#ifndef RUY_PROFILER_INSTRUMENTATION_H_
#define RUY_PROFILER_INSTRUMENTATION_H_
namespace ruy {}
#endif
