#error "a test was compiled into the framework"
