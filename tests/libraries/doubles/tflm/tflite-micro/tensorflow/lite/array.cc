#error "array.cc was compiled: it is for builds with dynamic memory"
