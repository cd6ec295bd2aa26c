// GET /histogram and /words: counts of matching lines, for charts and for learning what is in a log.
#include "nmstore/words.h"
#include "query/time_text.h"
#include "server/api_calls.h"
#include "server/api_scope.h"
#include "server/query_run.h"

namespace nmstore::server::api {
namespace {

constexpr std::size_t kDefaultWords = 100;
constexpr std::size_t kMaxWords = 10'000;

void write_buckets(JsonWriter& json, const query::HistogramSeries& series) {
    json.key("buckets").begin_array();
    for (const query::Bucket& bucket : series.buckets) {
        json.begin_object()
            .key("time")
            .integer(bucket.time_ms)
            .key("count")
            .natural(bucket.count)
            .end_object();
    }
    json.end_array();
}

void write_histogram(JsonWriter& json, const query::Histogram& histogram, std::string_view by,
                     const query::Stats& stats) {
    json.begin_object().key("step").integer(histogram.step_ms);
    if (by.empty()) {
        write_buckets(json, histogram.series.empty() ? query::HistogramSeries{} : histogram.series.front());
    } else {
        json.member("by", by).key("series").begin_array();
        for (const query::HistogramSeries& series : histogram.series) {
            json.begin_object().member("value", series.value);
            write_buckets(json, series);
            json.end_object();
        }
        json.end_array();
    }
    json.key("total").natural(histogram.total);
    write_stats(json.key("stats"), stats);
    json.end_object();
}

// `prefix`, lower-cased; "" where it is not given.
Result<std::string> read_prefix(const Parameters& parameters) {
    std::string prefix = to_lower(parameters.text("prefix"));
    WordAt word;
    if (prefix.empty() || (WordScanner(prefix).next(word) && word.begin == 0 && word.end == prefix.size()))
        return prefix;
    return Error{Code::invalid_argument,
                 "prefix: expected the beginning of a word, letters and digits alone"};
}

// Lines without such a word need not be read: the index knows them.
void only_with_prefix(QueryScope& scope, const std::string& prefix) {
    auto word = std::make_unique<query::Filter>();
    word->kind = query::FilterKind::prefix;
    word->text = prefix;
    auto both = std::make_unique<query::Filter>();
    both->kind = query::FilterKind::both;
    both->children.push_back(std::move(scope.query.filter));
    both->children.push_back(std::move(word));
    scope.query.filter = std::move(both);
}

}  // namespace

Result<Response> histogram(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"q", "from", "to", "family", "step", "by", "within"}));
    std::optional<std::size_t> column;
    const Result<QueryScope> scope = read_scope(parameters, context.clock.now_ms(), column);
    if (!scope) return api_error(scope.error(), column);
    std::int64_t step_ms = 0;
    if (parameters.has("step")) {
        const Result<std::int64_t> step = query::parse_duration_ms(parameters.text("step"));
        if (!step) return Error{Code::invalid_argument, "step: " + step.error().message};
        step_ms = step.value();
    }
    const std::string by(parameters.text("by"));
    NM_ASSIGN(const std::chrono::milliseconds within, read_within(parameters));
    QueryRun run(context, request.gone, within);
    NM_ASSIGN(
        const query::Histogram counted,
        run.finish(query::histogram(context.store, scope.value().scope(), step_ms, by, run.execution())));
    Response response;
    JsonWriter json(response.body);
    write_histogram(json, counted, by, run.stats());
    return response;
}

Result<Response> words(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"q", "from", "to", "family", "limit", "row", "client", "log", "day",
                                         "prefix", "within"}));
    NM_ASSIGN(const std::uint64_t limit, parameters.natural("limit", kDefaultWords, 1, kMaxWords));
    std::optional<std::size_t> column;
    Result<QueryScope> scope = read_scope(parameters, context.clock.now_ms(), column);
    if (!scope) return api_error(scope.error(), column);
    NM_ASSIGN(scope.value().row, read_row_key(parameters, context.clock.now_ms()));
    NM_ASSIGN(const std::string prefix, read_prefix(parameters));
    if (!prefix.empty()) only_with_prefix(*scope, prefix);
    NM_ASSIGN(const std::chrono::milliseconds within, read_within(parameters));
    QueryRun run(context, request.gone, within);
    NM_ASSIGN(
        const std::vector<query::WordCount> counted,
        run.finish(query::count_words(context.store, scope.value().scope(), limit, run.execution(), prefix)));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("words").begin_array();
    for (const query::WordCount& word : counted) {
        json.begin_object().member("word", word.word).key("count").natural(word.count);
        if (word.may_miss > 0) json.key("may_miss").natural(word.may_miss);
        json.end_object();
    }
    json.end_array();
    write_stats(json.key("stats"), run.stats());
    json.end_object();
    return response;
}

}  // namespace nmstore::server::api
