// Every option of nm-stored, declared once: its name, where it stands in the help, what it takes, and what it
// sets. The command line, the environment and the file all go through this table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"
#include "server/config.h"

namespace nmstore::server {

enum class OptionKind : std::uint8_t {
    text,      // in TOML a string
    number,    // an integer
    size,      // a string "64MiB", or an integer of bytes
    duration,  // a string "30s", or an integer of seconds
    flag,      // true or false; on the command line without a value
    list,      // several texts: an array, or one string; on the command line repeated; in the environment
               // separated by blanks
};

struct Option {
    std::string_view name;  // "max-body": --max-body, NM_MAX_BODY, max-body
    std::string_view group;
    OptionKind kind;
    std::string_view argument;       // in the help: "SIZE"
    std::string_view default_value;  // in the help
    std::string_view help;
    // The error's message tells what would be right, not which option it is.
    Result<void> (*set)(Config& config, std::string_view value);
};

const std::vector<Option>& config_options();

}  // namespace nmstore::server
