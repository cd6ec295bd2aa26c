// How the sanitizer behaves in every program that is built with NM_SANITIZE=address, unless ASAN_OPTIONS or
// UBSAN_OPTIONS says otherwise. A finding ends a program by SIGABRT, which is no exit code of ours.

// Signals are the sanitizer's to explain, not Catch's or a fuzz driver's.
extern "C" __attribute__((no_sanitize("address", "undefined"))) const char* __asan_default_options() {
    return "abort_on_error=1:handle_segv=2:handle_sigbus=2:handle_sigfpe=2:detect_stack_use_after_return=1:"
           "check_initialization_order=1:strict_string_checks=1";
}

extern "C" __attribute__((no_sanitize("address", "undefined"))) const char* __ubsan_default_options() {
    return "abort_on_error=1:print_stacktrace=1";
}
