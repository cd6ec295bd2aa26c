// nm-stored: reads its configuration and runs.
#include <cstdio>
#include <cstdlib>

#include "server/config.h"
#include "server/daemon.h"

int main(int argc, char** argv) {
    using namespace nmstore::server;
    const ConfigOutcome outcome = parse_config(std::vector<std::string>(argv + 1, argv + argc),
                                               [](const char* name) { return std::getenv(name); });
    if (!outcome.config) {
        std::fputs(outcome.text.c_str(), outcome.exit_code == kExitOk ? stdout : stderr);
        return outcome.exit_code;
    }
    return run_daemon(*outcome.config);
}
