// Where a pull writes: a data directory, or a running nm-stored.
//
// Whatever is written may be written again: cells replace themselves, and counters are moved by what they
// lack of the source's value. So a pull that was cut off goes on from any place that it has passed, and
// nothing counts twice. One thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "nmstore/column_family.h"
#include "nmstore/result.h"
#include "tools/json_text.h"
#include "tools/pull_request.h"

namespace nmstore::tools {

struct PullCounts {
    std::uint64_t families = 0;
    std::uint64_t rows = 0;
    std::uint64_t cells = 0;
    std::uint64_t counters = 0;
    std::uint64_t refused = 0;  // families, cells and declarations that the target cannot take
    bool operator==(const PullCounts&) const = default;
};

class PullTarget {
  public:
    virtual ~PullTarget() = default;
    // The id of the store that is filled: another one once it has been made anew, or restored. "": it tells
    // none.
    virtual const std::string& store() const = 0;
    virtual Result<void> create_family(const std::string& family, ValueType comparator) = 0;
    virtual Result<void> declare_column(const std::string& family, const std::string& column, ValueType type,
                                        bool indexed) = 0;
    // What is put is on disk when flush() returns, or before. A cell that cannot be written is told and
    // counted, and the others are written.
    virtual Result<void> put(const std::string& family, const std::string& row, const Members& cells) = 0;
    // `counters`: names and values, as decimal numbers.
    virtual Result<void> set_counters(const std::string& row, const Members& counters) = 0;
    virtual Result<void> flush() = 0;
    // As much is waiting to be flushed as should.
    virtual bool is_full() const = 0;
    virtual Result<void> close() = 0;
};

// Tells of a cell that cannot be written, and counts it.
using Refuse = std::function<void(const std::string& what, const std::string& why)>;

// busy: somebody has the directory, which is made if it is missing.
Result<std::unique_ptr<PullTarget>> open_pull_directory(const std::string& directory, Refuse refuse);
// conflict: it is a standby, which takes no writes until somebody opens it.
Result<std::unique_ptr<PullTarget>> open_pull_server(PatientClient client, Refuse refuse);

// A counter's value as v0.3 writes it; nullopt: it is no 64-bit number.
std::optional<std::int64_t> parse_counter(std::string_view text);
// What is to be added to `value` to make it `wanted`; counters wrap around.
std::int64_t counter_step(std::int64_t wanted, std::int64_t value);

}  // namespace nmstore::tools
