#include "tools/count_chart.h"

#include <algorithm>

#include "query/time_text.h"
#include "tools/json_text.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

constexpr std::uint64_t kBarColumns = 50;

void write_bucket_json(Session& session, const query::Bucket& bucket, const std::string& by,
                       const std::string& value) {
    std::string text =
        "{\"time\":" + std::to_string(bucket.time_ms) + ",\"count\":" + std::to_string(bucket.count);
    if (!by.empty()) text += "," + json_string(by) + ":" + json_string(value);
    session.out.line(text + "}");
}

std::string bar(std::uint64_t count, std::uint64_t greatest) {
    if (count == 0) return {};
    std::string text;
    const std::uint64_t columns = std::max<std::uint64_t>(1, count * kBarColumns / greatest);
    for (std::uint64_t i = 0; i < columns; ++i) text += "█";
    return text;
}

}  // namespace

std::string right_aligned(std::uint64_t number, std::size_t width) {
    const std::string text = std::to_string(number);
    return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

void write_histogram(Session& session, const query::Histogram& histogram, const std::string& by) {
    std::uint64_t greatest = 1;
    for (const auto& series : histogram.series) {
        for (const auto& bucket : series.buckets) greatest = std::max(greatest, bucket.count);
    }
    for (const auto& series : histogram.series) {
        if (!by.empty() && !session.options.json) session.out.line(by + " " + visible_text(series.value));
        for (const auto& bucket : series.buckets) {
            if (session.options.json) {
                write_bucket_json(session, bucket, by, series.value);
                continue;
            }
            const std::string text =
                query::format_time(bucket.time_ms) + " " + right_aligned(bucket.count, 10);
            const std::string drawn = bar(bucket.count, greatest);
            if (!session.out.line(drawn.empty() ? text : text + " " + drawn)) return;
        }
    }
    if (!session.options.json && !session.options.quiet)
        session.out.line("total " + std::to_string(histogram.total));
}

}  // namespace nmstore::tools
