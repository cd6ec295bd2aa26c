// Ctrl-C and SIGTERM: the first asks the running work to stop (and a server to stop working for us), the
// second ends the process as if nothing had been set up.
#pragma once

namespace nmstore::query {
class Execution;
}

namespace nmstore::tools {

// From now on the first SIGINT or SIGTERM only sets the flag. Also makes a closed pipe an error instead of a
// signal. For main() only.
void watch_signals();

// Whether one of the signals has come. Any thread.
bool interrupted();
// As if a signal had come: for tests, and false to begin anew.
void set_interrupted(bool value);

// While it lives, an interruption cancels `execution`. One at a time.
class CancelOnInterruption {
  public:
    explicit CancelOnInterruption(query::Execution& execution);
    ~CancelOnInterruption();
    CancelOnInterruption(const CancelOnInterruption&) = delete;
    CancelOnInterruption& operator=(const CancelOnInterruption&) = delete;
};

}  // namespace nmstore::tools
