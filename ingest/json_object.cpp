#include "ingest/json_object.h"

#include <simdjson.h>

#include <algorithm>

#include "engine/json_string.h"
#include "ingest/body.h"
#include "ingest/json_text.h"

namespace nmstore::ingest {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(kBodyPadding >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t kFirstCapacity = 4096;  // most lines fit, and a request of one line stays cheap

Error not_json(simdjson::error_code error) {
    return {Code::invalid_argument, std::string("is no JSON: ") + simdjson::error_message(error)};
}

// What stands between the quotes of a string that the parser has found at `begin`.
std::string_view string_content(std::string_view text, const char* begin) {
    const auto at = static_cast<std::size_t>(begin - text.data());
    const std::size_t end = find_string_end(text, at);
    return text.substr(at, std::min(end, text.size()) - at);
}

std::string_view without_blanks_behind(std::string_view text) {
    while (!text.empty() && is_json_blank(text.back())) text.remove_suffix(1);
    return text;
}

simdjson::error_code read_value(std::string_view text, ondemand::value value, JsonMember& member) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    switch (type) {
        case ondemand::json_type::string: {
            ondemand::raw_json_string raw;
            if (const auto error = value.get_raw_json_string().get(raw)) return error;
            member.raw = string_content(text, raw.raw());
            member.kind = JsonMember::Kind::text;
            member.escaped = member.raw.find('\\') != std::string_view::npos;
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::object: {
            ondemand::object object;
            if (const auto error = value.get_object().get(object)) return error;
            member.kind = JsonMember::Kind::nested;
            return object.raw_json().get(member.raw);
        }
        case ondemand::json_type::array: {
            ondemand::array array;
            if (const auto error = value.get_array().get(array)) return error;
            member.kind = JsonMember::Kind::nested;
            return array.raw_json().get(member.raw);
        }
        case ondemand::json_type::number:
            member.raw = without_blanks_behind(value.raw_json_token());
            member.kind = JsonMember::Kind::number;
            return is_json_number(member.raw) ? simdjson::SUCCESS : simdjson::NUMBER_ERROR;
        default:
            member.raw = without_blanks_behind(value.raw_json_token());
            member.kind = member.raw == "null" ? JsonMember::Kind::null : JsonMember::Kind::literal;
            if (member.raw == "null" || member.raw == "true" || member.raw == "false")
                return simdjson::SUCCESS;
            return simdjson::TAPE_ERROR;
    }
}

}  // namespace

struct JsonObjectReader::Parser {
    ondemand::parser parser;
};

JsonObjectReader::JsonObjectReader() : parser_(std::make_unique<Parser>()) {}
JsonObjectReader::~JsonObjectReader() = default;

Result<void> JsonObjectReader::read(std::string_view text) {
    members_.clear();
    decoded_names_.clear();
    if (parser_->parser.capacity() < text.size()) {
        const std::size_t capacity = std::max(kFirstCapacity, text.size() + text.size() / 2);
        if (const auto error = parser_->parser.allocate(capacity)) return not_json(error);
    }
    ondemand::document document;
    const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + kBodyPadding);
    if (const auto error = parser_->parser.iterate(padded).get(document)) return not_json(error);
    ondemand::object object;
    if (const auto error = document.get_object().get(object)) return not_json(error);
    for (auto result : object) {
        ondemand::field field;
        if (const auto error = std::move(result).get(field)) return not_json(error);
        JsonMember& member = members_.emplace_back();
        member.raw_name = string_content(text, field.key().raw());
        member.name = member.raw_name;
        if (const auto error = read_value(text, field.value(), member)) return not_json(error);
        if (member.raw_name.find('\\') == std::string_view::npos) continue;
        if (!decode_json_string(member.raw_name, decoded_names_.emplace_back()))
            return not_json(simdjson::STRING_ERROR);
        member.name = decoded_names_.back();
    }
    const char* rest = nullptr;
    if (document.current_location().get(rest) != simdjson::OUT_OF_BOUNDS)
        return not_json(simdjson::TRAILING_CONTENT);
    return {};
}

}  // namespace nmstore::ingest
