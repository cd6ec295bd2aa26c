// The readings of any value: nothing is read beyond it, names are unique, and a member put behind all others
// is read.
#include <cstdint>
#include <set>
#include <string>

#include "nmstore/result.h"
#include "query/reading_fields.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore;
    using namespace nmstore::query;
    const std::string text(reinterpret_cast<const char*>(data), size);
    ReadingFields scanner;
    scanner.scan(text);
    std::set<std::string_view> names;
    for (const ReadingField& field : scanner.fields()) {
        NM_CHECK(names.insert(field.name).second);
        NM_CHECK(field.number.begin <= field.number.end && field.number.end <= text.size());
        const auto reading = reading_of(field.number.of(text), field.quoted);
        if (reading) NM_CHECK(reading->value() == reading->value());  // not NaN
    }
    const std::size_t before = scanner.fields().size();
    const std::size_t end = text.find_last_of('}');
    if (before == 0 || text.find('{') == std::string::npos || end == std::string::npos) return 0;
    const std::string longer = text.substr(0, end) + ",\"a fresh one\":\"-1.5\"}";
    scanner.scan(longer);
    for (const ReadingField& field : scanner.fields()) {
        if (field.name != "a fresh one") continue;
        NM_CHECK(reading_of(field.number.of(longer), field.quoted)->value() == -1.5);
    }
    return 0;
}
