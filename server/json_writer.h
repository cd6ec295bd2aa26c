// JSON answers, written as text as they come: no tree of the answer is ever held.
//
// Stored bytes need not be valid UTF-8, but JSON text must be. A byte that is no part of valid UTF-8 is
// written as the lone surrogate \udc80 … \udcff (0xdc00 + the byte), which valid UTF-8 can never hold:
// whoever wants the bytes back maps these code units back, and nobody else trips over them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nmstore::server {

// Appends `text` as a JSON string, quotes included, to `out`.
void append_json_string(std::string_view text, std::string& out);

// Appends one value to a string that outlives it; puts the commas. The caller keeps objects, arrays, keys and
// values in a valid order.
class JsonWriter {
  public:
    explicit JsonWriter(std::string& out) : out_(out) {}
    JsonWriter(const JsonWriter&) = delete;
    JsonWriter& operator=(const JsonWriter&) = delete;

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);

    JsonWriter& string(std::string_view text);
    JsonWriter& integer(std::int64_t number);
    JsonWriter& natural(std::uint64_t number);
    JsonWriter& real(double number);  // null for what JSON has no number for (NaN, infinity)
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    // A value that is JSON text already; its line breaks are left out, so that it stays on one line.
    JsonWriter& json(std::string_view text);

    // A member of the object at hand.
    JsonWriter& member(std::string_view name, std::string_view text) { return key(name).string(text); }
    // The text, or null where it is empty.
    JsonWriter& member_or_null(std::string_view name, std::string_view text) {
        return text.empty() ? key(name).null() : key(name).string(text);
    }
    // The number, or null where there is none.
    JsonWriter& member_or_null(std::string_view name, std::optional<std::uint64_t> number) {
        return number ? key(name).natural(*number) : key(name).null();
    }

  private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();

    std::string& out_;
    bool comma_ = false;  // the next value or key needs one before it
};

}  // namespace nmstore::server
