// nm-tool as a function: from a command line to an exit code.
#pragma once

#include <string>
#include <vector>

#include "tools/output.h"

namespace nmstore::tools {

// `arguments` without the program's name.
int run(std::vector<std::string> arguments, Output& output);

}  // namespace nmstore::tools
