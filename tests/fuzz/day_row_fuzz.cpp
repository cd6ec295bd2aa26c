// A key that is a day row's is written back exactly; any day row's key is read.
#include "nmstore/day_row.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "nmstore/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string key(reinterpret_cast<const char*>(data), size);
    if (const auto row = nmstore::parse_day_row(key)) {
        NM_CHECK(nmstore::format_day_row(*row) == key);
        NM_CHECK(row->kind == nmstore::RowKind::alerts || (!row->client.empty() && !row->name.empty()));
    }
    std::int64_t time_ms = 0;
    std::memcpy(&time_ms, key.data(), size < sizeof time_ms ? size : sizeof time_ms);
    time_ms %= std::int64_t{200} * 365 * 86'400'000;
    const std::string name = "x" + key;
    const nmstore::DayRow row{"10.0.0.1", nmstore::RowKind::logs, name, nmstore::day_of(time_ms)};
    const auto again = nmstore::parse_day_row(nmstore::format_day_row(row));
    NM_CHECK(again && again->name == name && again->day == row.day && again->client == row.client);
    NM_CHECK(nmstore::log_key_name(key).find('/') == std::string::npos);
    return 0;
}
