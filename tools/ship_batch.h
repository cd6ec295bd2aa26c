// The lines of one POST /api/v1/logs: collected, written as JSON lines, packed. Bytes that are not valid
// UTF-8 travel as lone surrogates and are stored as they were.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore::tools {

enum class Packing { none, gzip, zstd };

struct BatchLimits {
    std::size_t lines = 10'000;
    std::size_t bytes = std::size_t{1}
                        << 20;  // of the lines' texts; one longer line makes a batch of its own
};

class ShipBatch {
  public:
    explicit ShipBatch(BatchLimits limits) : limits_(limits) {}

    // false: the batch is full, and has not taken the line. Without a time the line gets that of its arrival.
    bool add(std::string_view log, std::string_view text, std::optional<std::int64_t> time_ms);
    bool empty() const { return lines_ == 0; }
    std::size_t lines() const { return lines_; }
    std::size_t bytes() const { return bytes_; }
    const std::string& body() const { return body_; }
    void clear();

  private:
    BatchLimits limits_;
    std::string body_;
    std::size_t lines_ = 0;
    std::size_t bytes_ = 0;
};

// Value for Content-Encoding: "" for none.
std::string_view packing_name(Packing packing);
std::optional<Packing> parse_packing(std::string_view name);  // "none", "gzip", "zstd"
Result<std::string> pack(std::string_view body, Packing packing);

}  // namespace nmstore::tools
