// Source on a closed data directory, opened by this process through the engine.
//
// What only reads opens the store read-only, and yet holds the directory's lock (where it may), so that no
// server starts beneath it.
#pragma once

#include <memory>

#include "engine/owner_lock.h"
#include "nmstore/store.h"
#include "tools/source.h"

namespace nmstore::tools {

class LocalSource : public Source {
  public:
    // `lock` may be null; it is held until the store has been closed.
    LocalSource(std::unique_ptr<OwnerLock> lock, std::unique_ptr<Store> store)
        : lock_(std::move(lock)), store_(std::move(store)) {}

    Result<Completeness> search(const LineQuery& query, const EachHit& each) override;
    Result<HistogramAnswer> histogram(const LineQuery& query, const std::string& step,
                                      const std::string& by) override;
    Result<WordsAnswer> words(const LineQuery& query, std::uint64_t limit) override;
    Result<std::vector<Hit>> context(const std::string& id, std::uint64_t before,
                                     std::uint64_t after) override;
    Result<query::SeriesResult> series(const SeriesQuery& query) override;
    Result<std::vector<query::SeriesFields>> series_fields(const SeriesQuery& query) override;
    Result<std::vector<std::string>> families() override;
    Result<RowsPage> rows(const std::string& family, const std::string& prefix, const std::string& from,
                          std::uint64_t limit) override;
    Result<RowPage> row(const RowQuery& query) override;
    Result<std::vector<Counter>> counters(const std::string& row) override;
    Result<RowsPage> counter_rows(const std::string& prefix, const std::string& from,
                                  std::uint64_t limit) override;
    Result<std::vector<Detail>> stats() override;
    Result<WorkAnswer> compact(const Progress& progress) override;
    Result<RetentionReport> retain(const RetentionRequest& request, const Progress& progress) override;
    Result<WorkAnswer> verify(const Progress& progress) override;
    Result<WorkAnswer> reindex(const ReindexSelection& selection, const Progress& progress) override;
    Result<WorkAnswer> backup(const std::string& directory, const Progress& progress) override;
    Result<std::vector<BackupInfo>> backups() override;
    Result<DropAnswer> drop(const DropRequest& request) override;

  private:
    std::unique_ptr<OwnerLock> lock_;
    std::unique_ptr<Store> store_;
};

}  // namespace nmstore::tools
