// field_of(): fields of a line, from the JSON object that came with it, or from its text.
#include <simdjson.h>

#include "query/lexer.h"
#include "query/logfmt.h"
#include "query/matcher.h"
#include "query/utf8_text.h"

namespace nmstore::query {
namespace {

namespace od = simdjson::ondemand;

constexpr int kMaxNesting = 64;  // of the objects that a name leads into

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// Strings without their quotes, all else as it is written.
std::optional<std::string> text_of(od::value value) {
    od::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return std::nullopt;
    if (type == od::json_type::object || type == od::json_type::array) {
        od::object object;
        od::array array;
        std::string_view raw;
        auto failed = simdjson::SUCCESS;
        if (type == od::json_type::object) {
            failed = value.get_object().get(object);
            if (failed == simdjson::SUCCESS) failed = object.raw_json().get(raw);
        } else {
            failed = value.get_array().get(array);
            if (failed == simdjson::SUCCESS) failed = array.raw_json().get(raw);
        }
        if (failed != simdjson::SUCCESS) return std::nullopt;
        return std::string(trimmed(raw));
    }
    const std::string_view raw = trimmed(value.raw_json_token());
    if (type != od::json_type::string) return std::string(raw);
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
    // A lone surrogate: the text as it is written.
    return std::string(raw.substr(1, raw.size() > 1 ? raw.size() - 2 : 0));
}

std::optional<std::string> field_in(od::value value, std::string_view name, int nesting);

// In the order of the text: the first member that has the name, or that leads to it.
std::optional<std::string> field_in(od::object& object, std::string_view name, int nesting) {
    for (auto member : object) {
        od::field field;
        std::string_view key;
        if (std::move(member).get(field) != simdjson::SUCCESS) return std::nullopt;
        if (field.unescaped_key().get(key) != simdjson::SUCCESS) return std::nullopt;
        if (key == name) return text_of(field.value());
        if (key.size() >= name.size() || name[key.size()] != '.' || !name.starts_with(key)) continue;
        if (auto found = field_in(field.value(), name.substr(key.size() + 1), nesting + 1)) return found;
    }
    return std::nullopt;
}

std::optional<std::string> field_in_array(od::array& array, std::string_view name, int nesting) {
    const std::size_t dot = name.find('.');
    const std::string_view index = name.substr(0, dot);
    std::size_t at = 0;
    for (auto element : array) {
        od::value value;
        if (std::move(element).get(value) != simdjson::SUCCESS) return std::nullopt;
        if (std::to_string(at++) != index) continue;
        return dot == std::string_view::npos ? text_of(value)
                                             : field_in(value, name.substr(dot + 1), nesting + 1);
    }
    return std::nullopt;
}

std::optional<std::string> field_in(od::value value, std::string_view name, int nesting) {
    od::json_type type{};
    if (nesting > kMaxNesting || value.type().get(type) != simdjson::SUCCESS) return std::nullopt;
    if (type == od::json_type::object) {
        od::object object;
        if (value.get_object().get(object) == simdjson::SUCCESS) return field_in(object, name, nesting);
    } else if (type == od::json_type::array) {
        od::array array;
        if (value.get_array().get(array) == simdjson::SUCCESS) return field_in_array(array, name, nesting);
    }
    return std::nullopt;
}

bool looks_like_json(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size() && is_blank(text[i])) ++i;
    if (i >= text.size() || text[i] != '{') return false;
    do ++i;
    while (i < text.size() && is_blank(text[i]));
    return i < text.size() && (text[i] == '"' || text[i] == '}');
}

std::optional<std::string> json_field(std::string_view json, std::string_view name) {
    thread_local od::parser parser;
    thread_local std::string padded;  // simdjson reads some bytes behind the end
    if (!replace_invalid_utf8(json, padded)) padded.assign(json);
    padded.reserve(padded.size() + simdjson::SIMDJSON_PADDING);
    od::document document;
    od::object object;
    if (parser.iterate(simdjson::padded_string_view(padded.data(), padded.size(), padded.capacity()))
            .get(document) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    if (document.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
    return field_in(object, name, 0);
}

}  // namespace

std::optional<std::string> field_of(const Line& line, std::string_view name) {
    if (!line.fields.empty()) {
        if (auto value = json_field(line.fields, name)) return value;
    }
    if (looks_like_json(line.text)) return json_field(line.text, name);
    return logfmt_field(line.text, name);
}

}  // namespace nmstore::query
