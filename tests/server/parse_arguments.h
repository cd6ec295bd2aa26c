// The server's options as they come out of a command line and an environment.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/config.h"

namespace nmstore::testing {

inline server::ConfigOutcome parse(const std::vector<std::string>& arguments,
                                   const std::map<std::string, std::string>& environment = {}) {
    return server::parse_config(arguments, [&](const char* name) {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
    });
}

}  // namespace nmstore::testing
