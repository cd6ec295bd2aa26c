// Records of a journal come from other hubs: whatever they are, reading ends, and what is read is inside of
// the record. A filter that wants everything changes no step.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/journal.h"

namespace {

using nmstore::JournalReader;
using nmstore::JournalStep;

// The steps, or none if it is no record.
std::vector<std::string> steps_of(std::string_view record) {
    std::vector<std::string> out;
    auto reader = JournalReader::open(record);
    if (!reader.ok()) return {};
    for (;;) {
        JournalStep step;
        const auto more = reader->next(step);
        if (!more.ok()) return {};
        if (!*more) return out;
        // What a copy says of everything is not told of a part.
        if (step.kind == JournalStep::Kind::only_rows || step.kind == JournalStep::Kind::only_counters ||
            step.kind == JournalStep::Kind::only_families || step.kind == JournalStep::Kind::origin ||
            step.kind == JournalStep::Kind::begin_copy || step.kind == JournalStep::Kind::cut ||
            step.kind == JournalStep::Kind::cut_filtered || step.kind == JournalStep::Kind::sources ||
            step.kind == JournalStep::Kind::end_copy || step.kind == JournalStep::Kind::retold ||
            step.kind == JournalStep::Kind::counters_of)
            continue;
        out.push_back(std::to_string(static_cast<int>(step.kind)) + std::string(step.family) + "/" +
                      std::string(step.row) + "/" + step.column + "/" + std::string(step.value) +
                      std::string(step.fields) + std::to_string(step.time_ms) + "," +
                      std::to_string(step.delta) + "," + std::to_string(step.expires_at_ms));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view record(reinterpret_cast<const char*>(data), size);
    const auto steps = steps_of(record);
    const auto filtered = nmstore::filter_journal_record(record, [](auto, auto) { return true; });
    if (steps.empty() || !filtered.ok()) return 0;
    if (steps_of(*filtered) != steps) std::abort();
    return 0;
}
