// Realistic logs of a few machines, as many lines as wanted, the same for the same seed: the input of the
// benchmarks and of generate_logs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/log_kind.h"

namespace nmstore::benchmarks {

struct GeneratorOptions {
    std::uint64_t seed = 1;
    std::int64_t start_ms = 1'767'571'200'000;  // 2026-01-05T00:00:00Z
    std::uint64_t step_us = 20'000;             // mean time between two lines of all machines together
    std::uint32_t clients = 8;
    std::vector<std::string> kinds;  // names; empty: all
};

// Views are valid until the next call of next().
struct GeneratedLine {
    std::int64_t time_ms = 0;
    std::string_view client;  // an address
    std::string_view log;     // a path
    std::string_view text;
};

// Lines come in the order of their times; several may have the same millisecond.
class LogGenerator {
  public:
    // Names of kinds that are not known are left out.
    explicit LogGenerator(const GeneratorOptions& options);
    const GeneratedLine& next();

  private:
    struct Source {
        std::string client;
        std::string host;
        std::string_view path;
        std::unique_ptr<LogKind> kind;
    };

    Random random_;
    std::uint64_t step_us_;
    std::uint64_t time_us_;
    std::vector<Source> sources_;
    std::vector<std::size_t> shares_;  // indexes of sources, each as often as its share says
    std::size_t current_ = 0;
    std::string text_;
    GeneratedLine line_;
};

}  // namespace nmstore::benchmarks
