/* A contract double. */
#ifndef TENSORFLOW_LITE_MICRO_DEBUG_LOG_H_
#define TENSORFLOW_LITE_MICRO_DEBUG_LOG_H_
#include <cstdarg>
extern "C" void DebugLog(const char *format, va_list args);
#endif
