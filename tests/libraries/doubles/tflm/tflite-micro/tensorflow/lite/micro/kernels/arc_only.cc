#error "a kernel that the Makefile does not list was compiled"
