// Blocks of a store changed behind its back: sections, directory, head, each as if a fault of the program or
// of the disk had done it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/block/block.h"
#include "engine/block/directory.h"
#include "engine/block/section.h"
#include "engine/bytes.h"
#include "engine/key.h"
#include "engine/record.h"
#include "engine/stored_block.h"
#include "nmstore/escape.h"
#include "tests/engine/open_store.h"

namespace nmstore::testing {

// A row of logs with two blocks of appended lines (a small one and a great one), and two of posted cells.
class StoreOfBlocks : public OpenedStore {
  public:
    static constexpr std::int64_t kMorning = 1'308'700'800'000;
    static constexpr const char* kLog = "c:logs:l:2011:5:22";
    static constexpr const char* kPlugin = "c:plugins:p:2011:5:22";

    StoreOfBlocks() : OpenedStore(options()) {
        for (int i = 0; i < 200; ++i)
            append("c", "l", kMorning + 10 * i,
                   "started job " + std::to_string(7000 + i * 13 % 97) + " of user u" +
                       std::to_string(i % 7) + "x");
        must((*this)->seal());
        std::string noise;  // more than a block in one value has
        std::uint64_t state = 1;
        for (int i = 0; i < 6000; ++i) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            noise += "k" + std::to_string(state >> 20) + " ";
        }
        append("c", "l", kMorning + 5000, noise);
        append("c", "l", kMorning + 5001, "behind the noise");
        must((*this)->seal());
        for (int i = 0; i < 40; ++i)
            post(kLog, kMorning + 10'000 + 10 * i, posted(i), i < 5 ? 0 : 100'000 + i);
        for (int i = 0; i < 40; ++i)
            post(kPlugin, kMorning + 10 * i,
                 "{\"date\":" + std::to_string(kMorning + 10 * i) + ",\"value\":\"" + std::to_string(i * i) +
                     "\"}",
                 0);
        must((*this)->seal());
    }

    static std::string posted(int i) {
        const std::string text = "posted entry " + std::to_string(i);
        // Every third has to be kept raw: %61 is an 'a' that nobody would escape.
        return i % 3 == 0 ? "%7B%22date%22%3A1%2C%22returned%22%3A%22%61nd%20" + escape(text) + "%5Cn%22%7D"
                          : text;
    }
    void post(const std::string& row, std::int64_t time_ms, const std::string& value, std::int64_t ttl) {
        put("CFLongType", row, std::to_string(time_ms), value, ttl);
    }

    LogRow row(const std::string& key) {
        for (LogRow& row : must((*this)->log_rows({}))) {
            if (row.key == key) return row;
        }
        FAIL("no row " + key);
        return {};
    }
    std::vector<BlockInfo> blocks_of(const std::string& key) {
        return must((*this)->blocks(row(key), nullptr));
    }
    // The first of lines (or cells) that is (or is not) one value.
    BlockInfo block_of(const std::string& key, bool cells, bool whole = true) {
        for (const BlockInfo& block : blocks_of(key)) {
            if ((block.cells != 0) == cells && is_whole(block) == whole) return block;
        }
        FAIL("no such block");
        return {};
    }

    // All that the store says of its time rows.
    std::vector<std::string> everything() {
        std::vector<std::string> out;
        for (const LogRow& row : must((*this)->log_rows({}))) {
            const auto cursor = must((*this)->lines(row, {}));
            while (must(cursor->next())) {
                const Line& line = cursor->line();
                out.push_back(std::to_string(line.id.time_ms) + "/" + std::to_string(line.id.sequence) + "/" +
                              std::to_string(line.id.line) + " " + std::string(line.text));
            }
            SliceRange all;
            all.limit = 10'000;
            out.push_back(cells("CFLongType", row.key, all));
        }
        return out;
    }

    void change(const std::function<void(kv::Database&, kv::Batch&)>& with) {
        change_database([&](kv::Database& database) {
            const auto batch = database.new_batch();
            with(database, *batch);
            must(database.apply(*batch));
        });
    }
    void change_head(const BlockInfo& block, const std::function<void(BlockInfo&)>& with) {
        BlockInfo head = block;
        with(head);
        change([&](kv::Database&, kv::Batch& batch) {
            batch.put(kv::Space::blocks, key::row(block.first.row), key::block_head(block.number),
                      record::block_head(head));
        });
    }
    // The sections as they are stored; head and sums go with what becomes of them.
    void change_stored(const BlockInfo& block, const std::function<void(std::vector<std::string>&)>& with) {
        change([&](kv::Database& database, kv::Batch& batch) {
            std::vector<std::string> sections = read(database, block);
            with(sections);
            erase_block(batch, block);
            put_block(batch, built(block, std::move(sections)));
        });
    }
    // One section, raw.
    void change_section(const BlockInfo& block, std::size_t section,
                        const std::function<void(std::string&)>& with) {
        change_stored(block, [&](std::vector<std::string>& sections) {
            std::string raw = must(block::decompress_section(sections.at(section)));
            with(raw);
            sections[section] = must(block::compress_section(raw, block::kFastLevel));
        });
    }
    void change_directory(const BlockInfo& block, const std::function<void(block::NewDirectory&)>& with) {
        change_section(block, block::kDirectory, [&](std::string& raw) {
            block::Directory there;
            must(there.read(raw));
            block::NewDirectory directory = to_be_written(there);
            with(directory);
            std::string written = block::write_directory(directory);
            raw = std::move(written);
        });
    }

    // Looks into `there`.
    static block::NewDirectory to_be_written(const block::Directory& there) {
        block::NewDirectory out;
        out.lines = there.lines();
        out.zone_minutes = there.zone_minutes();
        out.groups = there.groups();
        for (const block::Template& made : there.templates()) {
            out.templates.push_back(
                {made.pattern, made.lines, made.fields, made.plain, made.variables.size()});
            for (const auto& variable : made.variables)
                out.variables.push_back({variable.single, variable.value});
        }
        for (std::size_t column = 0; column < there.columns(); ++column) {
            const block::ColumnPlace place = there.place(column);
            out.columns.push_back({there.summary(column), place.group, place.bytes});
        }
        return out;
    }

    static BuiltBlock built(const BlockInfo& block, std::vector<std::string> sections) {
        BuiltBlock out{block, std::move(sections)};
        out.info.sections = static_cast<std::uint32_t>(out.sections.size());
        out.info.stored_bytes = 0;
        for (const std::string& section : out.sections) out.info.stored_bytes += section.size();
        return out;
    }
    static std::vector<std::string> read(const kv::Database& database, const BlockInfo& block) {
        const std::string partition = key::row(block.first.row);
        std::vector<std::string> sections(block.sections);
        const auto value_of = [&](std::size_t section) {
            return must(
                database.get(kv::Space::blocks, partition, key::block_section(block.number, section)));
        };
        if (!is_whole(block)) {
            for (std::size_t i = 0; i < sections.size(); ++i) sections[i] = value_of(i).value_or("");
            return sections;
        }
        const std::string whole = value_of(key::kWholeBlock).value();
        std::size_t at = kSizeBytes * sections.size();
        for (std::size_t i = 0; i < sections.size(); ++i) {
            const auto size =
                bytes::read_little<std::uint32_t>(std::string_view(whole).substr(kSizeBytes * i));
            sections[i] = whole.substr(at, size);
            at += size;
        }
        return sections;
    }

  private:
    static SealingOptions options() {
        SealingOptions sealing;
        sealing.background = false;
        sealing.direct_bytes = SIZE_MAX;
        return sealing;
    }
};

}  // namespace nmstore::testing
