// "-word" in a query means NOT word; a command line takes it for options. Here is told which is which.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace nmstore::tools {

// The first argument that is neither an option nor the value of one: the subcommand's name. "" if there is
// none.
std::string command_word(const CLI::App& root, const std::vector<std::string>& arguments);

// Puts a blank before those arguments of a subcommand that takes a query which are words of it though they
// begin with '-': everything with one '-' that is neither a declared short option (exactly "-x") nor the
// value of an option before it. The query's reader ignores the blank.
std::vector<std::string> mark_query_words(const CLI::App& root, std::vector<std::string> arguments);

}  // namespace nmstore::tools
