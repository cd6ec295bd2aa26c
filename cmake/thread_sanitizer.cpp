// How the sanitizer behaves in every program that is built with NM_SANITIZE=thread, unless TSAN_OPTIONS says
// otherwise. A finding ends a program with an exit code that is none of ours; not by SIGABRT,
// as Catch's handler of that would allocate within the report, and wait for its lock for ever.

extern "C" __attribute__((no_sanitize("thread"))) const char* __tsan_default_options() {
    return "exitcode=66:halt_on_error=1:second_deadlock_stack=1";
}

// RocksDB as distributions build it is not instrumented: how its threads hand things to each other cannot be
// seen, and everything that they hand over looks like a race. So do
//   - libzstd's contexts, which it keeps for each processor; our own are of one thread each;
//   - our batches, on which its write groups work, one leader after the other: the frames in between are not
//   seen.
extern "C" __attribute__((no_sanitize("thread"))) const char* __tsan_default_suppressions() {
    return "race:librocksdb.so\n"
           "called_from_lib:librocksdb.so\n"
           "race:libzstd.so\n"
           "race:nmstore::Core::apply\n";
}
