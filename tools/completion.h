// Completion scripts for shells, written from the program's declaration.
#pragma once

#include <string>

#include "tools/command_description.h"

namespace nmstore::tools {

std::string bash_completion(const CommandDescription& program);
std::string zsh_completion(const CommandDescription& program);
std::string fish_completion(const CommandDescription& program);

}  // namespace nmstore::tools
