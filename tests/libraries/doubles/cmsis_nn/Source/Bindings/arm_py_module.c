#error "a file of the library's Python bindings was compiled into firmware"
