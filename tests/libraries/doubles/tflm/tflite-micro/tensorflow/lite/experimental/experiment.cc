#error "a file below tensorflow/lite/experimental was compiled"
