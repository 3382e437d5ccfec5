#error "tables for floating point were compiled"
