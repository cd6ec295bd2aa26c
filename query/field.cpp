// field_of() and for_each_field(): fields of a line, from the JSON object that came with it, or from its
// text.
#include <simdjson.h>

#include "query/lexer.h"
#include "query/logfmt.h"
#include "query/matcher.h"
#include "query/utf8_text.h"

namespace nmstore::query {
namespace {

namespace od = simdjson::ondemand;

constexpr int kMaxNesting = 64;  // of the objects that a name leads into
constexpr int kMaxListed = 8;    // of the objects whose members are told

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

// Calls use(object) with the object that the text is, if it is one.
template <class Use>
void with_json(std::string_view json, const Use& use) {
    thread_local od::parser parser;
    thread_local std::string padded;  // simdjson reads some bytes behind the end
    if (!replace_invalid_utf8(json, padded)) padded.assign(json);
    padded.reserve(padded.size() + simdjson::SIMDJSON_PADDING);
    od::document document;
    od::object object;
    if (parser.iterate(simdjson::padded_string_view(padded.data(), padded.size(), padded.capacity()))
            .get(document) != simdjson::SUCCESS) {
        return;
    }
    if (document.get_object().get(object) == simdjson::SUCCESS) use(object);
}

std::optional<std::string> json_field(std::string_view json, std::string_view name) {
    std::optional<std::string> found;
    with_json(json, [&](od::object& object) { found = field_in(object, name, 0); });
    return found;
}

using EachField = std::function<bool(std::string_view name, std::string_view value)>;

// `name`: of the object, with a dot behind it. false: no more are wanted, or the text cannot be read on.
bool each_in(od::object& object, std::string& name, int nesting, const EachField& each) {
    const std::size_t length = name.size();
    for (auto member : object) {
        od::field field;
        std::string_view key;
        if (std::move(member).get(field) != simdjson::SUCCESS) return false;
        if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
        name.append(key);
        od::value value = field.value();
        od::json_type type{};
        if (value.type().get(type) != simdjson::SUCCESS) return false;
        od::object inner;
        if (type == od::json_type::object && nesting < kMaxListed) {
            if (value.get_object().get(inner) != simdjson::SUCCESS) return false;
            name += '.';
            if (!each_in(inner, name, nesting + 1, each)) return false;
        } else {
            const std::optional<std::string> text = text_of(value);
            if (!text || !each(name, *text)) return false;
        }
        name.resize(length);
    }
    return true;
}

}  // namespace

std::optional<std::string> field_of(const Line& line, std::string_view name) {
    if (!line.fields.empty()) {
        if (auto value = json_field(line.fields, name)) return value;
    }
    if (looks_like_json(line.text)) return json_field(line.text, name);
    return logfmt_field(line.text, name);
}

void for_each_field(const Line& line, const EachField& each) {
    bool more = true;
    const EachField tell = [&](std::string_view name, std::string_view value) {
        more = name.empty() || each(name, value);
        return more;
    };
    const auto tell_object = [&](od::object& object) {
        std::string name;
        each_in(object, name, 0, tell);
    };
    if (!line.fields.empty()) with_json(line.fields, tell_object);
    if (!more) return;
    if (looks_like_json(line.text)) {
        with_json(line.text, tell_object);
    } else {
        for_each_logfmt_field(line.text, tell);
    }
}

}  // namespace nmstore::query
