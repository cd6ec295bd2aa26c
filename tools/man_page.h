// nm-tool(1), written from the program's declaration.
#pragma once

#include <string>

#include "tools/command_description.h"

namespace nmstore::tools {

// In roff, for man(7) macros.
std::string man_page(const CommandDescription& program);

}  // namespace nmstore::tools
