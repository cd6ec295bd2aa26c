#include "ingest/form.h"

#include <algorithm>

namespace nmstore::ingest {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decode(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && text.size() - i > 2) {
            const int high = hex_digit(text[i + 1]);
            const int low = hex_digit(text[i + 2]);
            if (high >= 0 && low >= 0) {
                out.push_back(static_cast<char>(high * 16 + low));
                i += 2;
                continue;
            }
        }
        out.push_back(plus_is_blank && text[i] == '+' ? ' ' : text[i]);
    }
    return out;
}

}  // namespace

Result<FormFields> parse_form(std::string_view text, std::size_t max_fields) {
    FormFields fields;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view part = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (part.empty()) continue;
        if (fields.size() == max_fields) {
            return Error{Code::too_large,
                         "cannot read the form: more than " + std::to_string(max_fields) + " fields"};
        }
        const std::size_t equals = part.find('=');
        const bool has_value = equals != std::string_view::npos;
        fields.emplace_back(decode(part.substr(0, equals), true),
                            has_value ? decode(part.substr(equals + 1), true) : std::string());
    }
    return fields;
}

std::string decode_percent(std::string_view text) {
    return decode(text, false);
}

}  // namespace nmstore::ingest
