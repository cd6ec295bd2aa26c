#include "server/config_values.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace nmstore::server {
namespace {

constexpr std::chrono::milliseconds kMaxDuration = std::chrono::hours(24 * 366);

Error wrong(std::string message) {
    return Error{Code::invalid_argument, std::move(message)};
}

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr Unit kSizeUnits[] = {
    {"", 1},     {"B", 1},      {"K", kKiB},  {"KiB", kKiB}, {"M", kMiB},         {"MiB", kMiB},
    {"G", kGiB}, {"GiB", kGiB}, {"kB", 1000}, {"KB", 1000},  {"MB", 1000 * 1000}, {"GB", 1000 * 1000 * 1000},
};
constexpr Unit kTimeUnits[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}};

template <std::size_t n>
Result<std::uint64_t> with_unit(std::string_view text, const Unit (&units)[n], const char* form) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    if (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
    const auto known =
        std::find_if(std::begin(units), std::end(units), [&](const Unit& u) { return u.name == unit; });
    if (error != std::errc{} || known == std::end(units))
        return wrong("'" + std::string(text) + "' is not " + form);
    if (number > std::uint64_t{std::numeric_limits<std::int64_t>::max()} / known->factor) {
        return wrong("'" + std::string(text) + "' is too large");
    }
    return number * known->factor;
}

}  // namespace

Result<std::uint64_t> parse_number_in(std::string_view text, std::uint64_t least, std::uint64_t most) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most) {
        return wrong("'" + std::string(text) + "' is not a whole number from " + std::to_string(least) +
                     " to " + std::to_string(most));
    }
    return number;
}

Result<void> set_text(std::string& to, std::string_view value) {
    if (value.empty()) return wrong("the value is empty");
    to = value;
    return {};
}

Result<void> set_flag(bool& to, std::string_view value) {
    if (value != "true" && value != "false")
        return wrong("'" + std::string(value) + "' is neither true nor false");
    to = value == "true";
    return {};
}

Result<std::size_t> parse_size(std::string_view text) {
    NM_ASSIGN(const std::uint64_t size, with_unit(text, kSizeUnits, "a size like 65536, 64KiB or 2GiB"));
    return static_cast<std::size_t>(size);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
    NM_ASSIGN(const std::uint64_t ms, with_unit(text, kTimeUnits, "a time like 500ms, 30s, 5m or 2h"));
    const auto duration = std::chrono::milliseconds(static_cast<std::int64_t>(ms));
    if (duration > kMaxDuration) return wrong("'" + std::string(text) + "' is longer than a year");
    return duration;
}

Result<std::size_t> parse_size_in(std::string_view value, std::size_t least, std::size_t most_mib) {
    NM_ASSIGN(const std::size_t size, parse_size(value));
    if (size < least)
        return wrong("'" + std::string(value) + "' is below the least, " + std::to_string(least) + " bytes");
    if (most_mib != 0 && size > most_mib * kMiB)
        return wrong("'" + std::string(value) + "' is over the greatest, " + std::to_string(most_mib) +
                     "MiB");
    return size;
}

Result<void> set_duration(std::chrono::milliseconds& to, std::string_view value) {
    NM_ASSIGN(to, parse_duration(value));
    return {};
}

Result<void> set_time(std::int64_t& to_ms, std::string_view value) {
    NM_ASSIGN(const std::chrono::milliseconds time, parse_duration(value));
    to_ms = time.count();
    return {};
}

Result<void> set_one_of(std::string& to, std::string_view value,
                        std::initializer_list<std::string_view> known) {
    std::string names;
    for (const std::string_view name : known) {
        if (name == value) {
            to = value;
            return {};
        }
        names += (names.empty() ? "" : ", ") + std::string(name);
    }
    return wrong("'" + std::string(value) + "' is none of " + names);
}

}  // namespace nmstore::server
