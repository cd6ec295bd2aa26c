#include "engine/stored_block.h"

#include <algorithm>

#include "engine/block/block.h"
#include "engine/block/section.h"
#include "engine/bytes.h"
#include "engine/key.h"
#include "engine/record.h"

namespace nmstore {
namespace {

class StoredSections final : public block::SectionSource {
  public:
    StoredSections(const Core& core, const BlockInfo& block, bool is_whole, SnapshotPtr snapshot)
        : core_(core),
          block_(block),
          is_whole_(is_whole),
          partition_(key::row(block.first.row)),
          snapshot_(std::move(snapshot)) {}

    std::size_t size() const override { return block_.sections; }

    Result<std::string> read(std::size_t section) override {
        if (is_whole_) return read_from_whole(section);
        NM_ASSIGN(const auto stored,
                  core_.database->get(kv::Space::blocks, partition_,
                                      key::block_section(block_.number, section), snapshot_));
        if (stored) return block::decompress_section(*stored);
        if (section == block::kExtras) return std::string();  // empty ones are not stored
        return Error{Code::corruption, "block " + std::to_string(block_.number) + " of row number " +
                                           std::to_string(block_.first.row) + " has no section " +
                                           std::to_string(section)};
    }

  private:
    Result<std::string> read_from_whole(std::size_t section) {
        if (whole_.empty()) {
            NM_ASSIGN(auto stored,
                      core_.database->get(kv::Space::blocks, partition_,
                                          key::block_section(block_.number, key::kWholeBlock), snapshot_));
            if (!stored) return missing("its sections are missing");
            whole_ = *std::move(stored);
            const std::size_t sizes_end = std::size_t{block_.sections} * kSizeBytes;
            std::size_t end = std::min(sizes_end, whole_.size());
            for (std::size_t at = 0; at < end && end <= whole_.size() && at < sizes_end; at += kSizeBytes) {
                if (at + kSizeBytes > whole_.size()) break;
                begins_.push_back(end);
                end += bytes::read_little<std::uint32_t>(std::string_view(whole_).substr(at));
            }
            begins_.push_back(end);
            if (begins_.size() != block_.sections + 1 || end != whole_.size()) {
                whole_.clear();
                begins_.clear();
                return missing("its sections do not add up");
            }
        }
        if (section + 1 >= begins_.size()) return missing("has no section " + std::to_string(section));
        return block::decompress_section(
            std::string_view(whole_).substr(begins_[section], begins_[section + 1] - begins_[section]));
    }
    Error missing(const std::string& what) const {
        return Error{Code::corruption, "block " + std::to_string(block_.number) + " of row number " +
                                           std::to_string(block_.first.row) + ": " + what};
    }

    const Core& core_;
    const BlockInfo block_;
    const bool is_whole_;
    const std::string partition_;
    const SnapshotPtr snapshot_;
    std::string whole_;                // of a small block: all sections as they are stored
    std::vector<std::size_t> begins_;  // of each in whole_, and the end
};

// What the cache keeps of a block, and what the word index tells of it.
class IndexedParts final : public block::SharedParts {
  public:
    IndexedParts(Core& core, std::uint64_t block)
        : index_(core.word_index), block_(block), kept_(core.block_cache.parts_of(block)) {}

    bool lacks_word(const block::SoughtWord& word) override {
        return !index_.may_have_word(block_, word).value_or(true);
    }
    std::shared_ptr<const block::OpenedFilter> filter() override { return kept_->filter(); }
    std::shared_ptr<const block::OpenedDirectory> directory() override { return kept_->directory(); }
    std::shared_ptr<const std::string> section(std::size_t place) override { return kept_->section(place); }
    void keep(std::shared_ptr<const block::OpenedFilter> filter) override { kept_->keep(std::move(filter)); }
    void keep(std::shared_ptr<const block::OpenedDirectory> directory) override {
        kept_->keep(std::move(directory));
    }
    void keep(std::size_t place, std::shared_ptr<const std::string> section) override {
        kept_->keep(place, std::move(section));
    }

  private:
    WordIndex& index_;
    const std::uint64_t block_;
    const std::unique_ptr<block::SharedParts> kept_;
};

void count(kv::Batch& batch, const BlockInfo& block, std::int64_t sign) {
    batch.add(key::kOwnCounters, key::kBlockCount, sign);
    batch.add(key::kOwnCounters, key::kBlockLines, sign * static_cast<std::int64_t>(block.lines));
    batch.add(key::kOwnCounters, key::kBlockText, sign * static_cast<std::int64_t>(block.text_bytes));
    batch.add(key::kOwnCounters, key::kBlockBytes, sign * static_cast<std::int64_t>(block.stored_bytes));
}

Result<std::vector<BlockInfo>> read_heads(const Core& core, RowId row, const SnapshotPtr& snapshot) {
    std::vector<BlockInfo> heads;
    const auto cursor = core.database->cursor(kv::Space::blocks, key::row(row), snapshot);
    for (cursor->seek_first(); cursor->valid() && cursor->key() < key::block_heads_end(); cursor->next()) {
        NM_ASSIGN(const key::BlockPart part, key::parse_block_part(cursor->key()));
        NM_ASSIGN(BlockInfo head, record::parse_block_head(row, part.number, cursor->value()));
        heads.push_back(head);
    }
    NM_TRY(cursor->status());
    std::sort(heads.begin(), heads.end(), [](const BlockInfo& a, const BlockInfo& b) {
        return a.first != b.first ? a.first < b.first : a.number < b.number;
    });
    return heads;
}

}  // namespace

void put_block(kv::Batch& batch, const BuiltBlock& block) {
    const std::string partition = key::row(block.info.first.row);
    batch.put(kv::Space::blocks, partition, key::block_head(block.info.number),
              record::block_head(block.info));
    if (is_whole(block.info)) {
        std::string whole;
        for (const std::string& section : block.sections)
            bytes::append_little(whole, static_cast<std::uint32_t>(section.size()));
        for (const std::string& section : block.sections) whole += section;
        batch.put(kv::Space::blocks, partition, key::block_section(block.info.number, key::kWholeBlock),
                  whole);
        return count(batch, block.info, 1);
    }
    for (std::size_t i = 0; i < block.sections.size(); ++i) {
        if (block.sections[i].empty()) continue;
        batch.put(kv::Space::blocks, partition, key::block_section(block.info.number, i), block.sections[i]);
    }
    count(batch, block.info, 1);
}

void erase_block(kv::Batch& batch, const BlockInfo& block) {
    const std::string partition = key::row(block.first.row);
    batch.remove(kv::Space::blocks, partition, key::block_head(block.number));
    if (is_whole(block))
        batch.remove(kv::Space::blocks, partition, key::block_section(block.number, key::kWholeBlock));
    for (std::size_t i = 0; i < block.sections && !is_whole(block); ++i)
        batch.remove(kv::Space::blocks, partition, key::block_section(block.number, i));
    count(batch, block, -1);
}

void discount_blocks(kv::Batch& batch, const std::vector<BlockInfo>& blocks) {
    for (const BlockInfo& block : blocks) count(batch, block, -1);
}

Result<std::vector<BlockInfo>> list_blocks(const Core& core, RowId row, const SnapshotPtr& snapshot) {
    std::vector<BlockInfo> blocks;
    RowMemory::Asked asked;
    if (snapshot != nullptr)
        asked = core.row_memory.ask(row, RowMemory::kBlocks, core.database->moment(snapshot));
    if (asked.known) {
        blocks = *asked.fact.blocks;
    } else {
        NM_ASSIGN(blocks, read_heads(core, row, snapshot));
        if (asked.turn != 0) {
            core.row_memory.keep(row, RowMemory::kBlocks, asked.turn,
                                 {std::make_shared<const std::vector<BlockInfo>>(blocks)});
        }
    }
    const std::int64_t now_ms = core.clock.now_ms();
    for (BlockInfo& block : blocks) block.has_gaps = block.has_expired(now_ms);
    return blocks;
}

Result<std::optional<BlockInfo>> find_block(const Core& core, RowId row, std::uint64_t number,
                                            const SnapshotPtr& snapshot) {
    NM_ASSIGN(const auto head,
              core.database->get(kv::Space::blocks, key::row(row), key::block_head(number), snapshot));
    if (!head) return std::optional<BlockInfo>();
    NM_ASSIGN(BlockInfo block, record::parse_block_head(row, number, *head));
    return std::optional<BlockInfo>(block);
}

std::unique_ptr<block::BlockReader> open_stored_block(const Core& core, const BlockInfo& block,
                                                      const SnapshotPtr& snapshot) {
    return open_stored_block_as(core, block, is_whole(block), snapshot);
}

std::unique_ptr<block::BlockReader> open_stored_block_as(const Core& core, const BlockInfo& block, bool whole,
                                                         const SnapshotPtr& snapshot) {
    return block::open_block(std::make_unique<StoredSections>(core, block, whole, snapshot));
}

std::unique_ptr<block::BlockReader> open_shared_block(Core& core, const BlockInfo& block,
                                                      const SnapshotPtr& snapshot) {
    return block::open_block(std::make_unique<StoredSections>(core, block, is_whole(block), snapshot),
                             std::make_unique<IndexedParts>(core, block.number));
}

}  // namespace nmstore
