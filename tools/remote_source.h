// Source over nm-stored's HTTP API, /api/v1. See docs/api.md for the calls.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tools/http_client.h"
#include "tools/source.h"

namespace nmstore::tools {

class RemoteSource : public Source {
  public:
    explicit RemoteSource(HttpClient client) : client_(std::move(client)) {}

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
    Result<WorkAnswer> work(const std::string& path, const Progress& progress);
    Result<RowsPage> row_keys(HttpRequest request);
    HttpClient client_;
};

// An entry of an answer of the API as a Hit.
Hit hit_of(const nlohmann::json& entry);
Result<Hit> parse_hit(std::string_view json_text);

}  // namespace nmstore::tools
