#include <string>
#include <vector>

#include "tools/interruption.h"
#include "tools/run.h"

int main(int argc, char** argv) {
    nmstore::tools::watch_signals();
    nmstore::tools::Output output(stdout);
    return nmstore::tools::run(std::vector<std::string>(argv + 1, argv + argc), output);
}
