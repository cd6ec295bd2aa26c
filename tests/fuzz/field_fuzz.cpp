// Fields and levels of any line: nothing is read beyond the text, and a bare pair put before a text is found.
#include <cstdint>
#include <string>

#include "query/matcher.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore;
    using namespace nmstore::query;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Line line;
    line.text = text;
    for (const char* name : {"a", "msg", "level", "a.b", "a.0.b", "", ".", "\xFF"}) {
        const auto value = field_of(line, name);
        if (value) NM_CHECK(value->size() <= 3 * size);  // an invalid byte becomes three
    }
    const auto level = level_of(line);
    NM_CHECK(level.size() <= 6);

    Line with_fields;
    with_fields.fields = text;
    static_cast<void>(field_of(with_fields, "a"));

    const std::string pair = "first=1 " + std::string(text);
    line.text = pair;
    NM_CHECK(field_of(line, "first") == "1");
    return 0;
}
