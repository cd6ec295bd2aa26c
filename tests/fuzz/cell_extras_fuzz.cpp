// Extras of any bytes are read or refused; what is read is written again as something that reads the same. A
// value that has a form is given back by it.
#include "engine/cell_extras.h"

#include <cstdint>
#include <string>

#include "nmstore/result.h"

namespace {

void check_form(nmstore::RowKind kind, const std::string& value) {
    constexpr std::int64_t kTime = 1'308'700'830'000;
    nmstore::CellText text;
    text.assign(kind, value);
    nmstore::FormFinder finder;
    const std::size_t form = finder.find(value, text, kTime);
    if (form == nmstore::FormFinder::kNone) return;
    std::string out;
    finder.forms()[form].render(text.text(), kTime, finder.numbers(), out);
    NM_CHECK(out == value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    check_form(nmstore::RowKind::logs, bytes);
    check_form(nmstore::RowKind::plugins, bytes);
    // Lines in pairs, as of cells of two lines each; the last alone.
    std::vector<nmstore::block::LineKey> lines;
    for (std::uint32_t i = 0; i < data[0] % 32u; ++i) lines.push_back({1000 + i / 2 * 10, 0, i % 2});
    const auto extras = nmstore::parse_cell_extras(bytes, lines);
    if (!extras.ok()) return 0;
    const std::string again = nmstore::write_cell_extras(*extras, lines.front().time_ms);
    const auto same = nmstore::parse_cell_extras(again, lines);
    NM_CHECK(same.ok() && same->cells.size() == extras->cells.size() &&
             same->forms.size() == extras->forms.size());
    for (std::size_t i = 0; i < same->cells.size(); ++i) {
        const auto& a = extras->cells[i];
        const auto& b = same->cells[i];
        NM_CHECK(a.time_ms == b.time_ms && a.expires_at_ms == b.expires_at_ms && a.form == b.form &&
                 a.part == b.part && a.half == b.half && a.no_text == b.no_text && a.numbers == b.numbers &&
                 a.raw == b.raw);
        if (a.form == nmstore::SealedCell::kRaw) continue;
        std::string out;
        extras->forms[a.form].render("a/b\xc3\xa9%\n", a.time_ms, a.numbers, out);
    }
    return 0;
}
