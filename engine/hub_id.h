// The name of a store among hubs: in a file beside the database, which no backup holds. So a store that is
// restored has a new one, and nobody takes it for the one that knew more.
#pragma once

#include <string>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore {

inline constexpr std::string_view kHubIdName = "HUB";

// 32 hexadecimal digits; made by chance where there is none, and on disk when this returns. Where it may not
// be made (read_only): zeros. corruption: the file holds something else.
Result<std::string> hub_id(const std::string& directory, bool read_only);

}  // namespace nmstore
