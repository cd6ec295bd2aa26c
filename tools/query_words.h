// "-word" in a query means NOT word; a command line takes it for options. Here is told which is which.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace nmstore::tools {

// Puts a blank before those arguments of a subcommand that takes a query which are words of it though they
// begin with '-': everything with one '-' that is neither a declared short option (exactly "-x") nor the
// value of an option before it. The query's reader ignores the blank.
std::vector<std::string> mark_query_words(const CLI::App& root, std::vector<std::string> arguments);

}  // namespace nmstore::tools
