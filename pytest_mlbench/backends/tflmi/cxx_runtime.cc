/* Functions that compiled C++ may refer to, for toolchains without a C++ runtime library.
 *
 * They should never be called: the framework has neither heap nor exceptions, and its objects are
 * never destroyed. If one is called, it traps, so that its name is reported.
 */
#include <cstddef>

extern "C" {

void abort(void) { __builtin_trap(); }

void __cxa_pure_virtual(void) { __builtin_trap(); }

void *__dso_handle = nullptr;

/* Objects are never destroyed. */
int __cxa_atexit(void (*)(void *), void *, void *) { return 0; }
}

void operator delete(void *) noexcept { __builtin_trap(); }
void operator delete(void *, std::size_t) noexcept { __builtin_trap(); }

namespace std {

void __throw_length_error(const char *) { __builtin_trap(); }
void __throw_logic_error(const char *) { __builtin_trap(); }
void __throw_out_of_range_fmt(const char *, ...) { __builtin_trap(); }
void __throw_bad_alloc() { __builtin_trap(); }
void __throw_bad_array_new_length() { __builtin_trap(); }
void __throw_bad_function_call() { __builtin_trap(); }

}  // namespace std
