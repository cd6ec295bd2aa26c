// Lines as an old agent posts them: cells whose value is escape()d JSON with the lines that came at once, in
// the body of a bulk post.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "benchmarks/log_generator.h"

namespace nmstore::benchmarks {

// Collects lines into cells and cells into a body. A log's lines within `cell_ms` share a cell.
class AgentBody {
  public:
    explicit AgentBody(std::int64_t cell_ms) : cell_ms_(cell_ms) {}

    void add(const GeneratedLine& line);
    std::size_t cells() const { return cells_; }
    // The body of POST /v0.3/DATA/CFLongType with everything added so far; starts anew.
    std::string take();

  private:
    struct Row {
        std::int64_t cell_begin_ms = 0;
        std::string returned;  // as JSON text
        std::string columns;
    };
    void finish_cell(Row& row);

    const std::int64_t cell_ms_;
    std::size_t cells_ = 0;
    std::map<std::string, Row> rows_;  // by row key
};

}  // namespace nmstore::benchmarks
