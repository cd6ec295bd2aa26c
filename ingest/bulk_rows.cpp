#include "ingest/bulk_rows.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "engine/json_string.h"
#include "ingest/body.h"
#include "ingest/json_text.h"

namespace nmstore::ingest {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using Kind = BulkScalar::Kind;

static_assert(kBodyPadding >= simdjson::SIMDJSON_PADDING);

// Walks the body where it lies: the parser keeps its places in it, strings without escapes are handed on from
// it.
class Walk {
  public:
    Walk(std::string_view body, std::span<const std::string_view> names, BulkColumnSink& sink)
        : body_(body), names_(names), sink_(sink) {}

    Result<void> run() {
        const simdjson::padded_string_view padded(body_.data(), body_.size(), body_.size() + kBodyPadding);
        if (const auto error = parser_.iterate(padded).get(document_)) return not_json(error);
        opened_ = true;
        ondemand::object top;
        if (const auto error = document_.get_object().get(top))
            return wrong_shape(error, "the body is no object");
        bool found = false;
        for (auto result : top) {
            ondemand::field field;
            if (const auto error = std::move(result).get(field)) return not_json(error);
            if (!is_named(field, "rowkeys")) {
                NM_TRY(pass_over(field.value()));
                continue;
            }
            found = true;
            NM_TRY(rows(field.value()));
        }
        const char* rest = nullptr;
        if (document_.current_location().get(rest) != simdjson::OUT_OF_BOUNDS)
            return not_json(simdjson::TRAILING_CONTENT);
        if (!found) return wrong_shape(simdjson::SUCCESS, "\"rowkeys\" is missing");
        return {};
    }

  private:
    static Error bad(std::string why) {
        return {Code::invalid_argument, "cannot read the bulk body: " + std::move(why)};
    }

    Error not_json(error_code error) {
        std::string why = "it is no JSON: ";
        why += simdjson::error_message(error);
        const char* place = nullptr;
        if (opened_ && !document_.current_location().get(place))
            why += " near byte " + std::to_string(place - body_.data());
        return bad(std::move(why));
    }
    // `error`: of asking for a thing that is not of that type, or a real one.
    Error wrong_shape(error_code error, const char* what) {
        if (error != simdjson::SUCCESS && error != simdjson::INCORRECT_TYPE) return not_json(error);
        return bad(std::string(what) + ", {\"rowkeys\":[{\"rowkey\":…,\"columns\":[{…}]}]} is asked for");
    }

    std::string_view content(ondemand::raw_json_string raw) const {
        const auto begin = static_cast<std::size_t>(raw.raw() - body_.data());
        return body_.substr(begin, std::min(find_string_end(body_, begin), body_.size()) - begin);
    }

    // Names with escapes in them are not looked through: nobody writes those that are ours so.
    bool is_named(ondemand::field& field, std::string_view name) const {
        return content(field.key()) == name;
    }

    Result<void> rows(ondemand::value value) {
        ondemand::array array;
        if (const auto error = value.get_array().get(array))
            return wrong_shape(error, "\"rowkeys\" is no array");
        for (auto result : array) {
            ondemand::object row;
            if (const auto error = result.get_object().get(row))
                return wrong_shape(error, "a row is no object");
            NM_TRY(one_row(row));
        }
        return {};
    }

    // The key may stand behind the columns: looked for first, passing over these costs little.
    Result<void> one_row(ondemand::object& row) {
        BulkScalar key;
        for (auto result : row) {
            ondemand::field field;
            if (const auto error = std::move(result).get(field)) return not_json(error);
            if (is_named(field, "rowkey")) NM_TRY(read_scalar(field.value(), key, row_text_));
        }
        if (const auto error = row.reset().error()) return not_json(error);
        bool found = false;
        for (auto result : row) {
            ondemand::field field;
            if (const auto error = std::move(result).get(field)) return not_json(error);
            if (is_named(field, "columns")) {
                found = true;
                NM_TRY(columns(key, field.value()));
            } else if (!is_named(field, "rowkey")) {
                NM_TRY(pass_over(field.value()));
            }
        }
        if (!found) return wrong_shape(simdjson::SUCCESS, "a row has no \"columns\"");
        return {};
    }

    Result<void> columns(const BulkScalar& row, ondemand::value value) {
        ondemand::array array;
        if (const auto error = value.get_array().get(array))
            return wrong_shape(error, "\"columns\" is no array");
        for (auto result : array) {
            ondemand::value element;
            if (const auto error = std::move(result).get(element)) return not_json(error);
            ondemand::json_type type{};
            if (const auto error = element.type().get(type)) return not_json(error);
            std::array<BulkScalar, kMaxBulkMembers> members;
            std::string_view reason;
            if (type == ondemand::json_type::object) {
                NM_TRY(read_column(element, members));
            } else {
                NM_TRY(pass_over(element));
                reason = "the column is no object";
            }
            NM_TRY(sink_.column(row, std::span(members).first(names_.size()), reason));
        }
        return {};
    }

    Result<void> read_column(ondemand::value element, std::array<BulkScalar, kMaxBulkMembers>& members) {
        ondemand::object object;
        if (const auto error = element.get_object().get(object)) return not_json(error);
        for (auto result : object) {
            ondemand::field field;
            if (const auto error = std::move(result).get(field)) return not_json(error);
            const std::string_view name = content(field.key());
            const auto found = std::find(names_.begin(), names_.end(), name);
            if (found == names_.end()) {
                NM_TRY(pass_over(field.value()));
                continue;
            }
            const auto i = static_cast<std::size_t>(found - names_.begin());
            NM_TRY(read_scalar(field.value(), members[i], texts_[i]));
        }
        return {};
    }

    // `scratch` holds the text if it had to be decoded.
    Result<void> read_scalar(ondemand::value value, BulkScalar& scalar, std::string& scratch) {
        ondemand::json_type type{};
        if (const auto error = value.type().get(type)) return not_json(error);
        scalar = {Kind::other, {}};
        if (type == ondemand::json_type::string) {
            ondemand::raw_json_string raw;
            if (const auto error = value.get_raw_json_string().get(raw)) return not_json(error);
            scalar = {Kind::text, content(raw)};
            if (scalar.text.find('\\') == std::string_view::npos) return {};
            if (!decode_json_string(scalar.text, scratch)) return not_json(simdjson::STRING_ERROR);
            scalar.text = scratch;
            return {};
        }
        if (type == ondemand::json_type::object || type == ondemand::json_type::array)
            return pass_over(value);
        std::string_view token = value.raw_json_token();
        while (!token.empty() && is_json_blank(token.back())) token.remove_suffix(1);
        if (type == ondemand::json_type::number) {
            if (!is_json_number(token)) return not_json(simdjson::NUMBER_ERROR);
            scalar = {Kind::number, token};
        } else if (token == "null") {
            scalar.kind = Kind::null;
        } else if (token != "true" && token != "false") {
            return not_json(simdjson::TAPE_ERROR);
        }
        return {};
    }

    // What nobody asked for must be JSON all the same.
    Result<void> pass_over(ondemand::value value) {
        ondemand::json_type type{};
        if (const auto error = value.type().get(type)) return not_json(error);
        std::string_view raw;
        if (type == ondemand::json_type::object) {
            ondemand::object object;
            if (const auto error = value.get_object().get(object)) return not_json(error);
            if (const auto error = object.raw_json().get(raw)) return not_json(error);
        } else if (type == ondemand::json_type::array) {
            ondemand::array array;
            if (const auto error = value.get_array().get(array)) return not_json(error);
            if (const auto error = array.raw_json().get(raw)) return not_json(error);
        } else {
            BulkScalar ignored;
            return read_scalar(value, ignored, passed_over_);
        }
        passed_over_.clear();
        if (append_compact_json(raw, passed_over_)) return {};
        return bad("a member that is not asked for is no JSON, or nested too deeply");
    }

    std::string_view body_;
    std::span<const std::string_view> names_;
    BulkColumnSink& sink_;
    ondemand::parser parser_;
    ondemand::document document_;
    bool opened_ = false;  // an unopened document cannot even be asked where it is
    std::string row_text_;
    std::array<std::string, kMaxBulkMembers> texts_;
    std::string passed_over_;
};

}  // namespace

Result<void> read_bulk_rows(const std::string& body, std::span<const std::string_view> members,
                            BulkColumnSink& sink) {
    NM_CHECK(members.size() <= kMaxBulkMembers);
    if (body.capacity() - body.size() >= kBodyPadding) return Walk(body, members, sink).run();
    std::string padded = body;
    pad_body(padded);
    return Walk(padded, members, sink).run();
}

}  // namespace nmstore::ingest
