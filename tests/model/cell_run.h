// Takes the steps of cell_steps.h on a store and on its model, and says where they differ.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nmstore/store.h"
#include "tests/engine/open_store.h"
#include "tests/model/cell_steps.h"
#include "tests/model/store_model.h"

namespace nmstore::testing {

// One row as it must be, and the questions about it; ask() gives the first difference, "" if there is none.
// The store may be at work on it meanwhile, but nobody else may write to it.
class CellRowModel {
  public:
    explicit CellRowModel(CellRowName name) : name_(std::move(name)) {}

    const CellRowName& name() const { return name_; }
    ModelTimeRow content;
    std::int64_t counted = 0;  // what its counter has

    std::string ask(const Store& store, std::int64_t now_ms, std::uint64_t salt) const;

  private:
    std::string ask_cells(const Store& store, std::int64_t now_ms, std::uint64_t salt) const;
    std::string ask_lines(const Store& store, const LogRow& row, std::int64_t now_ms,
                          std::uint64_t salt) const;
    std::string ask_counter(const Store& store) const;

    const CellRowName name_;
};

class CellRun {
  public:
    explicit CellRun(const SealingOptions& sealing);

    // "": the store says what the model says after each step.
    std::string run(const std::vector<CellStep>& steps);

  private:
    void take(const CellStep& step);
    void write(const CellStep& step);
    std::string ask(std::uint64_t salt, bool all) const;

    mutable OpenedStore store_;
    std::vector<CellRowModel> rows_;
};

// Leaves out what is not needed to go wrong; says what is left, and how it goes wrong then.
std::string shortened(std::vector<CellStep> steps, const SealingOptions& sealing);

}  // namespace nmstore::testing
