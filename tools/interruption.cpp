#include "tools/interruption.h"

#include <atomic>
#include <csignal>

#include "query/execution.h"

namespace nmstore::tools {
namespace {

std::atomic<bool> flag{false};
std::atomic<query::Execution*> running{nullptr};

static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<query::Execution*>::is_always_lock_free,
              "used in a signal handler");

void on_signal(int signal_number) {
    flag.store(true, std::memory_order_relaxed);
    if (query::Execution* execution = running.load()) execution->cancel();
    std::signal(signal_number, SIG_DFL);
}

}  // namespace

void watch_signals() {
    struct sigaction action {};
    action.sa_handler = on_signal;  // no SA_RESTART: what waits shall wake up
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() {
    return flag.load(std::memory_order_relaxed);
}

void set_interrupted(bool value) {
    flag.store(value, std::memory_order_relaxed);
}

CancelOnInterruption::CancelOnInterruption(query::Execution& execution) {
    running.store(&execution);
    if (interrupted()) execution.cancel();
}

CancelOnInterruption::~CancelOnInterruption() {
    running.store(nullptr);
}

}  // namespace nmstore::tools
