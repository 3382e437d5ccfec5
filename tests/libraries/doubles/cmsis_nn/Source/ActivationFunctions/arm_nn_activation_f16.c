#error "a floating-point file of the library was compiled: int8 builds leave *_f16.c out"
