// The values of options as texts: what each kind takes, and what is told where one is wrong. All are
// invalid_argument with a message that tells what would be right, not which option it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "nmstore/result.h"
#include "server/config.h"

namespace nmstore::server {

// "65536", "64KiB", "64K" (1024), "64kB" (1000).
Result<std::size_t> parse_size(std::string_view text);
// At least so many bytes, and at most so many MiB; 0: any.
Result<std::size_t> parse_size_in(std::string_view text, std::size_t least, std::size_t most_mib);
// "500ms", "30s", "5m", "2h"; without a unit: seconds.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
Result<std::uint64_t> parse_number_in(std::string_view text, std::uint64_t least, std::uint64_t most);

Result<void> set_text(std::string& to, std::string_view value);  // not empty
Result<void> set_flag(bool& to, std::string_view value);         // "true" or "false"
Result<void> set_duration(std::chrono::milliseconds& to, std::string_view value);
Result<void> set_time(std::int64_t& to_ms, std::string_view value);
Result<void> set_one_of(std::string& to, std::string_view value,
                        std::initializer_list<std::string_view> known);

template <class Size>
Result<void> set_size(Size& to, std::string_view value, std::size_t least, std::size_t most_mib = 0) {
    NM_ASSIGN(const std::size_t size, parse_size_in(value, least, most_mib));
    to = static_cast<Size>(size);
    return {};
}

template <class Number>
Result<void> set_number(Number& to, std::string_view value, std::uint64_t least, std::uint64_t most) {
    NM_ASSIGN(const std::uint64_t number, parse_number_in(value, least, most));
    to = static_cast<Number>(number);
    return {};
}

}  // namespace nmstore::server
