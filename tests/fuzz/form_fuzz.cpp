// Forms: what is written comes back; the number of fields has its bound.
#include "ingest/form.h"

#include <cstdint>
#include <string>

namespace {

std::string written(std::string_view text) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore::ingest;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto fields = parse_form(text, 8);
    if (fields.ok()) {
        NM_CHECK(fields->size() <= 8);
    } else {
        NM_CHECK(fields.error().code == nmstore::Code::too_large);
    }
    const std::string name = text.substr(0, size / 2);
    const std::string value = text.substr(size / 2);
    const auto again = parse_form(written(name) + '=' + written(value) + "&&x");
    NM_CHECK(again.ok() && again->size() == 2);
    NM_CHECK((*again)[0].first == name && (*again)[0].second == value && (*again)[1].first == "x");
    NM_CHECK(decode_percent(written(text)) == text);
    return 0;
}
