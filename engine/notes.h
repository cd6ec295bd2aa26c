// Small texts that a program keeps with the data (Store::put_notes).
#pragma once

#include <string_view>
#include <vector>

#include "engine/core.h"
#include "nmstore/store.h"

namespace nmstore {

inline constexpr std::size_t kMaxNoteAreaBytes = 64;
inline constexpr std::size_t kMaxNoteNameBytes = 1024;

// Puts or removes them with the batch.
Result<void> add_notes(kv::Batch& batch, std::string_view area, const std::vector<Store::Note>& notes);
Result<void> put_notes(Core& core, std::string_view area, const std::vector<Store::Note>& notes);
Result<std::vector<Store::Note>> read_notes(const Core& core, std::string_view area);

}  // namespace nmstore
