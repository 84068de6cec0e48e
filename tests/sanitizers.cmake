# How the sanitizers of -DKILN_SANITIZE run: set here, so that the tests need nothing set by hand on any machine.
#   KILN_SANITIZER_ENVIRONMENT  for each test
#   KILN_SANITIZER_SLOWNESS     what their time bounds are multiplied by
set(KILN_SANITIZER_ENVIRONMENT "")
set(KILN_SANITIZER_SLOWNESS 1)
if(NOT KILN_SANITIZE)
    return()
endif()
set(KILN_SANITIZER_SLOWNESS 5)

include(CheckCXXSourceRuns)
if(KILN_SANITIZE MATCHES "address")
    # The search for leaks traces its own process: not everywhere allowed (containers, debuggers).
    set(CMAKE_REQUIRED_FLAGS "-fsanitize=address")
    check_cxx_source_runs("#include <sanitizer/lsan_interface.h>
                           int main() { __lsan_do_leak_check(); }" KILN_LEAKS_CAN_BE_FOUND)
    unset(CMAKE_REQUIRED_FLAGS)
    if(KILN_LEAKS_CAN_BE_FOUND)
        set(leaks 1)
    else()
        set(leaks 0)
        message(WARNING "No leaks are looked for: this machine lets no process be traced (CAP_SYS_PTRACE)")
    endif()
    list(APPEND KILN_SANITIZER_ENVIRONMENT
         "ASAN_OPTIONS=detect_leaks=${leaks}:strict_string_checks=1:detect_stack_use_after_return=1"
         "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/leaks.supp:print_suppressions=0")
endif()
if(KILN_SANITIZE MATCHES "undefined")
    list(APPEND KILN_SANITIZER_ENVIRONMENT "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1")
endif()
if(KILN_SANITIZE MATCHES "thread")
    # Tests start interpreters from processes that have threads.
    list(APPEND KILN_SANITIZER_ENVIRONMENT
         "TSAN_OPTIONS=die_after_fork=0:second_deadlock_stack=1:suppressions=${CMAKE_CURRENT_SOURCE_DIR}/races.supp")
endif()
