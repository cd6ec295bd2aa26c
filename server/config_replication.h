// The options of replication among those of the server.
#pragma once

#include <vector>

#include "server/config_options.h"

namespace nmstore::server {

// Puts them before those of the log.
std::vector<Option> with_replication_options(std::vector<Option> options);

// Makes config.replication.targets of what was given; invalid_argument names the option.
Result<void> complete_replication(Config& config);

}  // namespace nmstore::server
