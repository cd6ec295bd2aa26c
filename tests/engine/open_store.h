// A store in a directory of its own, with a clock that stands still until it is told.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/kv.h"
#include "nmstore/store.h"
#include "tests/catch.h"
#include "tests/temp_directory.h"

namespace nmstore::testing {

class FakeClock final : public Clock {
  public:
    explicit FakeClock(std::int64_t now_ms = 1'308'700'800'000) : now_ms_(now_ms) {}  // 2011-06-22
    std::int64_t now_ms() const override { return now_ms_.load(); }
    std::int64_t elapsed_ms() const override { return elapsed_ms_.load(); }
    void advance(std::int64_t ms) {
        now_ms_ += ms;
        elapsed_ms_ += ms;
    }
    void set_ahead(std::int64_t ms) { now_ms_ += ms; }  // while no time passes

  private:
    std::atomic<std::int64_t> now_ms_;
    std::atomic<std::int64_t> elapsed_ms_{0};
};

// What a Result that must hold a value holds; the test ends otherwise.
template <class T>
T must(Result<T> result) {
    if (!result.ok()) FAIL(result.error().message);
    return std::move(result).value();
}
inline void must(const Result<void>& result) {
    if (!result.ok()) FAIL(result.error().message);
}
template <class T>
Code code_of(const Result<T>& result) {
    if (result.ok()) FAIL("succeeded, but must not");
    return result.error().code;
}

class OpenedStore {
  public:
    OpenedStore() { reopen(); }
    explicit OpenedStore(const SealingOptions& how_to_seal) : sealing(how_to_seal) { reopen(); }

    void reopen() {
        store_.reset();
        open();
    }
    // Goes on with what a process that is killed at this moment leaves behind.
    void reopen_after_crash() {
        namespace fs = std::filesystem;
        std::string copy;
        std::error_code error;
        std::map<std::string, std::uintmax_t> before;
        do {  // again if a file has changed meanwhile: the background may be at work, and a copy of a
              // manifest and of a log from different moments is nothing that a kill leaves behind
            copy = directory_ / ("data" + std::to_string(++crashes_));
            before = files();
            fs::copy(data_, copy, fs::copy_options::recursive, error);
        } while ((error || files() != before) && crashes_ < 1000);
        store_.reset();
        std::filesystem::remove_all(data_);
        data_ = copy;
        open();
    }
    Store* operator->() { return store_.get(); }
    Store& operator*() { return *store_; }
    const TempDirectory& directory() const { return directory_; }
    const std::string& data() const { return data_; }
    void close() { store_.reset(); }
    // Changes what is on disk behind the store's back, which is closed meanwhile.
    void change_database(const std::function<void(kv::Database&)>& change, bool open_again = true) {
        store_.reset();
        kv::Options how;
        how.directory = data_ + "/db";
        {
            const auto database = must(kv::Database::open(how));
            change(*database);
        }
        if (open_again) open();
    }

    void put(const std::string& family, const std::string& row, const std::string& column,
             const std::string& value, std::int64_t ttl = 0) {
        const auto batch = must(store_->begin_cells(family));
        must(batch->put(row, column, value, ttl));
        must(batch->commit());
    }
    void append(const std::string& client, const std::string& log, std::int64_t time_ms,
                const std::string& text) {
        const auto batch = store_->begin_lines();
        must(batch->append({client, log, time_ms, text, {}}));
        must(batch->commit());
    }
    // "column=value column=value", with '+' behind if there is more.
    std::string cells(const std::string& family, const std::string& row, const SliceRange& range = {}) {
        const Slice slice = must(store_->slice(family, row, range));
        std::string out;
        for (const Cell& cell : slice.cells) out += (out.empty() ? "" : " ") + cell.column + "=" + cell.value;
        return out + (slice.more ? "+" : "");
    }
    // Texts of a row's lines.
    std::vector<std::string> lines(const LogRow& row, const LineRange& range) {
        const auto cursor = must(store_->lines(row, range));
        std::vector<std::string> out;
        while (must(cursor->next())) out.emplace_back(cursor->line().text);
        return out;
    }
    // No problem in the whole store.
    void check() {
        const VerifyReport report = must(store_->verify());
        for (const std::string& problem : report.problems) UNSCOPED_INFO(problem);
        CHECK(report.problem_count == 0);
    }

    FakeClock clock;
    StoreOptions options;    // from the next opening on; what is set in open() is set there
    SealingOptions sealing;  // likewise

  private:
    // Each file of the store, and how large it is.
    std::map<std::string, std::uintmax_t> files() const {
        namespace fs = std::filesystem;
        std::map<std::string, std::uintmax_t> sizes;
        std::error_code error;
        for (fs::recursive_directory_iterator file(data_, error), end; !error && file != end;
             file.increment(error)) {
            std::error_code gone;
            const std::uintmax_t size = file->file_size(gone);
            sizes.emplace(file->path().string(), gone ? 0 : size);
        }
        return sizes;
    }

    void open() {
        options.directory = data_;
        options.clock = &clock;
        options.sealing = sealing;
        options.sync = SyncMode::off;  // survives a reopen; what survives more is tested elsewhere
        options.memory_bytes = std::size_t{16} << 20;
        store_ = must(Store::open(options));
    }

    TempDirectory directory_;
    std::string data_ = directory_ / "data";
    int crashes_ = 0;
    std::unique_ptr<Store> store_;
};

}  // namespace nmstore::testing
