#include "engine/typed_value_lookup.h"

#include <cctype>

namespace nmstore {
namespace {

constexpr std::size_t kMostPrefixes = 16;  // four letters of a UUID, in either case: few others begin so

// Zeros before the digits.
std::vector<std::string> number_spellings(std::string_view canonical, std::size_t bytes) {
    const bool negative = canonical.starts_with('-');
    std::vector<std::string> out;
    const auto add = [&](std::string_view sign, std::string_view digits) {
        if (bytes < sign.size() + digits.size()) return;
        std::string text(sign);
        text.append(bytes - sign.size() - digits.size(), '0').append(digits);
        out.push_back(std::move(text));
    };
    add(negative ? "-" : "", negative ? canonical.substr(1) : canonical);
    if (canonical == "0") add("-", canonical);
    return out;
}

// Letters in either case.
std::vector<std::string> uuid_spellings(std::string_view canonical, std::size_t bytes) {
    if (bytes != canonical.size()) return {};
    std::vector<std::string> out{""};
    for (const char c : canonical) {
        const auto upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        const std::size_t before = out.size();
        if (upper != c && 2 * before > kMostPrefixes) break;
        for (std::size_t i = 0; i < before; ++i) {
            if (upper != c) out.push_back(out[i] + upper);
            out[i] += c;
        }
    }
    return out;
}

}  // namespace

bool is_spelled_one_way(ValueType type) {
    return type == ValueType::utf8 || type == ValueType::ascii;
}

std::vector<std::string> spellings(ValueType type, std::string_view canonical, std::size_t bytes) {
    switch (type) {
        case ValueType::long_:
        case ValueType::integer:
            return number_spellings(canonical, bytes);
        case ValueType::uuid:
        case ValueType::time_uuid:
            return uuid_spellings(canonical, bytes);
        case ValueType::utf8:
        case ValueType::ascii:
            break;
    }
    if (bytes != canonical.size()) return {};
    return {std::string(canonical)};
}

}  // namespace nmstore
