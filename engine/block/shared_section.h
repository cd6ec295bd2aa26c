// The shared dictionary of a block as bytes: values that columns of several templates name.
#pragma once

#include <string>
#include <string_view>

#include "engine/block/column.h"

namespace nmstore::block {

// Whether it is the text of a number as such, without leading zeros.
bool is_plain_number(std::string_view value);

// The values that are plain numbers must stand first. Nothing for an empty dictionary.
std::string write_shared_dictionary(const SharedDictionary& shared);
// `bytes` must outlive `shared`. false: does not add up.
bool read_shared_dictionary(std::string_view bytes, SharedValues& shared);

}  // namespace nmstore::block
