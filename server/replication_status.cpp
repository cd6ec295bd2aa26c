#include "server/replication_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

namespace nmstore::server {
namespace {

constexpr std::array<std::string_view, 7> kStates{"connecting", "live",    "catching up", "waiting",
                                                  "paused",     "copying", "needs copy"};

// From what needs nobody to what does.
constexpr std::array kWorse{ReplicationState::live,        ReplicationState::copying,
                            ReplicationState::catching_up, ReplicationState::connecting,
                            ReplicationState::paused,      ReplicationState::waiting,
                            ReplicationState::needs_copy};

void write_target(JsonWriter& json, const ReplicationTargetStatus& target) {
    json.begin_object()
        .member("name", target.name)
        .member("url", target.url)
        .member_or_null("kind", target.kind);
    json.member("state", replication_state_name(target.state)).member_or_null("why", target.why);
    json.key("next_try_ms").integer(target.next_try_ms);
    json.member_or_null("position", target.position);
    json.key("lag_records").natural(target.lag_records).key("lag_seconds").real(target.lag_seconds);
    json.key("sent_records").natural(target.sent_records).key("sent_bytes").natural(target.sent_bytes);
    json.key("errors").natural(target.errors).key("refused").natural(target.refused);
    json.key("refused_dropped").natural(target.refused_dropped);
    json.key("copied").boolean(target.copied).key("target_is_standby").boolean(target.target_is_standby);
    json.key("copy");
    if (target.copy) {
        json.begin_object().key("rows_done").natural(target.copy->rows_done);
        json.key("rows_total").natural(target.copy->rows_total).end_object();
    } else {
        json.null();
    }
    json.end_object();
}

std::string label(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '"') text += '\\';
        text += c;
    }
    return text;
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(out), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

}  // namespace

std::string_view replication_state_name(ReplicationState state) {
    return kStates[static_cast<std::size_t>(state)];
}

void write_status(JsonWriter& json, const ReplicationStatus& status) {
    json.begin_object().member("hub", status.hub).key("standby").boolean(status.standby);
    json.key("journal").begin_object().key("on").boolean(status.journal_on);
    json.key("first").natural(status.journal.first).key("end").natural(status.journal.end);
    json.key("bytes").natural(status.journal.bytes).key("limit").natural(status.journal_limit);
    json.key("let_go_bytes").natural(status.journal.let_go_bytes).end_object();
    json.key("targets").begin_array();
    for (const ReplicationTargetStatus& target : status.targets) write_target(json, target);
    json.end_array().key("sources").begin_array();
    for (const ReplicationSource& source : status.sources) {
        json.begin_object().member("hub", source.link.hub).member("stream", source.link.stream);
        json.member_or_null("position", source.position)
            .member_or_null("credentials",
                            source.owner ? std::string_view(*source.owner) : std::string_view());
        json.key("last_ms").integer(source.last_ms).end_object();
    }
    json.end_array().key("copies").begin_array();
    for (const IncomingCopy& copy : status.copies) {
        json.begin_object().member("hub", copy.hub).key("last_ms").integer(copy.last_ms).end_object();
    }
    json.end_array().end_object();
}

std::string replication_health(const ReplicationStatus& status) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("standby").boolean(status.standby).key("targets").natural(status.targets.size());
    json.key("copies_coming").natural(status.copies.size());
    const auto rank = [](ReplicationState state) { return std::find(kWorse.begin(), kWorse.end(), state); };
    const ReplicationTargetStatus* worst = nullptr;
    double lag = 0;
    for (const ReplicationTargetStatus& target : status.targets) {
        if (worst == nullptr || rank(target.state) > rank(worst->state)) worst = &target;
        lag = std::max(lag, target.lag_seconds);
    }
    if (worst != nullptr)
        json.member("state", replication_state_name(worst->state)).key("lag_seconds").real(lag);
    json.end_object();
    return text;
}

void append_text(std::string& out, const ReplicationStatus& status) {
    using Target = ReplicationTargetStatus;
    struct Row {
        std::string_view name, type, help;
        std::function<double(const Target&)> value;
    };
    static const std::array<Row, 6> kRows{{
        {"lag_records", "gauge", "Commits that are not at the target, about.",
         [](const Target& t) { return static_cast<double>(t.lag_records); }},
        {"lag_seconds", "gauge", "How long ago the first of them was.",
         [](const Target& t) { return t.lag_seconds; }},
        {"sent_records_total", "counter", "Records that are at the target.",
         [](const Target& t) { return static_cast<double>(t.sent_records); }},
        {"sent_bytes_total", "counter", "Bytes of the posts that brought them.",
         [](const Target& t) { return static_cast<double>(t.sent_bytes); }},
        {"errors_total", "counter", "Tries that failed.",
         [](const Target& t) { return static_cast<double>(t.errors); }},
        {"refused", "gauge", "Values that the target does not take, kept to be looked at.",
         [](const Target& t) { return static_cast<double>(t.refused); }},
    }};
    head(out, "nmstore_journal_bytes", "gauge", "What is kept for targets of replication, about.");
    fmt::format_to(std::back_inserter(out), "nmstore_journal_bytes {}\n", status.journal.bytes);
    head(out, "nmstore_journal_let_go_bytes_total", "counter",
         "What was let go of it since the start because the disk was nearly full, or ended with it, about.");
    fmt::format_to(std::back_inserter(out), "nmstore_journal_let_go_bytes_total {}\n",
                   status.journal.let_go_bytes);
    head(out, "nmstore_replication_standby", "gauge",
         "1 while writes are refused because this hub is a standby.");
    fmt::format_to(std::back_inserter(out), "nmstore_replication_standby {}\n", status.standby ? 1 : 0);
    head(out, "nmstore_replication_copies_coming", "gauge",
         "Full copies of other hubs that have not all come.");
    fmt::format_to(std::back_inserter(out), "nmstore_replication_copies_coming {}\n", status.copies.size());
    for (const Row& row : kRows) {
        const std::string name = "nmstore_replication_" + std::string(row.name);
        head(out, name, row.type, row.help);
        for (const Target& target : status.targets) {
            fmt::format_to(std::back_inserter(out), "{}{{target=\"{}\"}} {}\n", name, label(target.name),
                           row.value(target));
        }
    }
    head(out, "nmstore_replication_state", "gauge",
         "1 for the state in which a target is, 0 for the others.");
    for (const Target& target : status.targets) {
        for (std::size_t i = 0; i < kStates.size(); ++i) {
            fmt::format_to(std::back_inserter(out),
                           "nmstore_replication_state{{target=\"{}\",state=\"{}\"}} {}\n", label(target.name),
                           kStates[i], static_cast<std::size_t>(target.state) == i ? 1 : 0);
        }
    }
}

}  // namespace nmstore::server
