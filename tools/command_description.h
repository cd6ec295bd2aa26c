// The program's declaration as plain data, read from CLI11's tree: what the man page and the shells'
// completions are made of.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace nmstore::tools {

struct OptionDescription {
    std::vector<std::string> names;  // "--limit", "-n"; of a positional its bare name
    std::string description;
    std::string value;  // "FILE", "TIME" …; "" for a flag
    std::vector<std::string> choices;
    std::string default_value;
    std::string environment;
    bool positional = false;
    bool required = false;
    bool repeatable = false;
};

struct CommandDescription {
    std::string name;
    std::string description;
    std::string footer;
    std::vector<OptionDescription> options;  // in the order of declaration, help excepted
    std::vector<CommandDescription> commands;
};

CommandDescription describe(const CLI::App& app);

}  // namespace nmstore::tools
