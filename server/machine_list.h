// A list of the machines that there should be, as people keep it in a file: JSON, or a machine a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nmstore/store.h"

namespace nmstore::server {

struct ListedMachine {
    std::string machine, name, group;
};

inline constexpr std::size_t kMaxMachines = 100'000;
inline constexpr std::size_t kMaxMachineText = 256;  // bytes of each text

// [{"machine":"10.0.0.1","name":"web1","group":"web"},…]; name and group may be left out.
// All of these: invalid_argument says which machine, or line, is wrong and how; also one that comes twice.
Result<std::vector<ListedMachine>> parse_machines_json(std::string_view text);
// Machine, name and group with blanks between; empty lines, and those that begin with '#', are passed over.
Result<std::vector<ListedMachine>> parse_machines_lines(std::string_view text);

// In place of what was there; and one alone.
Result<void> store_machines(Store& store, const std::vector<ListedMachine>& machines);
Result<void> store_machine(Store& store, const ListedMachine& machine);

}  // namespace nmstore::server
