#include "server/parameters.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "nmstore/value_type.h"
#include "query/time_text.h"

namespace nmstore::server {
namespace {

Error invalid(std::string message) {
    return Error{Code::invalid_argument, std::move(message)};
}

std::string list_of(std::initializer_list<std::string_view> names) {
    if (names.size() == 0) return "this call takes none";
    std::string list = "known here:";
    for (const std::string_view name : names) list.append(list.back() == ':' ? " " : ", ").append(name);
    return list;
}

}  // namespace

Result<std::uint64_t> parse_natural(std::string_view name, std::string_view text, std::uint64_t least,
                                    std::uint64_t most) {
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size() || number < least || number > most) {
        return invalid(std::string(name) + ": \"" + printable(text) + "\" is not a whole number from " +
                       std::to_string(least) + " to " + std::to_string(most));
    }
    return number;
}

Result<Parameters> Parameters::read(const Request& request, std::initializer_list<std::string_view> known,
                                    std::initializer_list<std::string_view> repeatable) {
    Parameters parameters;
    for (const auto& [name, value] : request.query) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            return invalid("unknown parameter \"" + printable(name) + "\"; " + list_of(known));
        }
        const bool once = std::find(repeatable.begin(), repeatable.end(), name) == repeatable.end();
        for (const auto& earlier : parameters.given_) {
            if (once && earlier.first == name) return invalid("parameter \"" + name + "\" is given more than once");
        }
        parameters.given_.emplace_back(name, value);
    }
    return parameters;
}

std::string_view Parameters::text(std::string_view name) const {
    for (const auto& [given, value] : given_) {
        if (given == name) return value;
    }
    return {};
}

std::vector<std::string> Parameters::texts(std::string_view name) const {
    std::vector<std::string> all;
    for (const auto& [given, value] : given_) {
        if (given == name && !value.empty()) all.emplace_back(value);
    }
    return all;
}

Result<std::string_view> Parameters::required(std::string_view name) const {
    if (!has(name)) return invalid("parameter \"" + std::string(name) + "\" is missing");
    return text(name);
}

Result<std::uint64_t> Parameters::natural(std::string_view name, std::uint64_t fallback, std::uint64_t least,
                                          std::uint64_t most) const {
    if (!has(name)) return fallback;
    return parse_natural(name, text(name), least, most);
}

Result<bool> Parameters::boolean(std::string_view name) const {
    const std::string_view value = text(name);
    if (value.empty() || value == "false" || value == "0") return false;
    if (value == "true" || value == "1") return true;
    return invalid(std::string(name) + ": \"" + printable(value) + "\" is neither true nor false");
}

Result<std::int64_t> Parameters::time_ms(std::string_view name, std::int64_t fallback,
                                         std::int64_t now_ms) const {
    if (!has(name)) return fallback;
    Result<std::int64_t> time = query::parse_time(text(name), now_ms);
    if (!time) return invalid(std::string(name) + ": " + time.error().message);
    return time;
}

}  // namespace nmstore::server
