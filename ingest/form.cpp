#include "ingest/form.h"

#include <algorithm>

#include "nmstore/value_type.h"

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

// Text in Latin-1, as escape() writes letters such as é (%E9), and not any bytes.
bool is_latin_text(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || byte == '\n' || byte == '\r' || (byte >= 0x20 && byte < 0x7f) || byte >= 0xa0;
    });
}

// Whether no form encoder can have made this value, so that it is an escape()d one put into the body as it
// is: a %uXXXX, a plus beside a %20 (escape() leaves the plus alone, encoders write it %2B), or Latin-1 that
// is no UTF-8.
bool is_escaped_text(std::string_view value) {
    bool blank = false;
    for (std::size_t at = value.find('%'); at != std::string_view::npos; at = value.find('%', at + 1)) {
        const std::string_view rest = value.substr(at + 1);
        if (rest.starts_with('u') && rest.size() > 4 &&
            std::all_of(rest.begin() + 1, rest.begin() + 5, [](char c) { return hex_digit(c) >= 0; })) {
            return true;
        }
        blank = blank || rest.starts_with("20");
    }
    if (blank && value.find('+') != std::string_view::npos) return true;
    if (!value.starts_with("%7B")) return false;
    const std::string decoded = decode(value, true);
    return !is_valid_utf8(decoded) && is_latin_text(decoded);
}

std::string decode_column_value(std::string_view value) {
    return is_escaped_text(value) ? std::string(value) : decode(value, true);
}

Result<FormFields> parse(std::string_view text, std::size_t max_fields, bool columns) {
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
        std::string value;
        if (equals != std::string_view::npos) {
            const std::string_view sent = part.substr(equals + 1);
            value = columns ? decode_column_value(sent) : decode(sent, true);
        }
        fields.emplace_back(decode(part.substr(0, equals), true), std::move(value));
    }
    return fields;
}

}  // namespace

Result<FormFields> parse_form(std::string_view text, std::size_t max_fields) {
    return parse(text, max_fields, false);
}

Result<FormFields> parse_columns(std::string_view text, std::size_t max_fields) {
    return parse(text, max_fields, true);
}

std::string decode_percent(std::string_view text) {
    return decode(text, false);
}

}  // namespace nmstore::ingest
