#include "server/replication_counters.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace nmstore::server {
namespace {

Error unreadable() {
    return {Code::unavailable, "the target's answer about a counter cannot be read"};
}

std::string path_of(const std::string& row, const std::string& column) {
    return "/v0.3/COUNTER/" + path_segment(row) + "/" + path_segment(column);
}

std::int64_t wrapped_sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t wrapped_difference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

}  // namespace

Result<std::set<std::string>> cloudsandra_families(const ReplicationCall& call) {
    NM_ASSIGN(const ReplicationAnswer answer, call({"GET", "/v0.3/COLUMNFAMILY", ""}));
    if (answer.status != 200) return replication_fault(answer);
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    const Error other{Code::unavailable, "the target does not answer as a server of CloudSandra's v0.3"};
    if (!json.is_object() || !json.contains("columnfamilies") || !json["columnfamilies"].is_array())
        return other;
    std::set<std::string> names;
    for (const auto& family : json["columnfamilies"]) {
        if (!family.is_object() || !family.contains("name") || !family["name"].is_string()) return other;
        names.insert(family["name"].get<std::string>());
    }
    return names;
}

ReplicationCounters::ReplicationCounters(ReplicationCall call, ReplicationNotes& notes)
    : call_(std::move(call)), notes_(notes) {}

std::vector<ReplicationRefused> ReplicationCounters::take_refused() {
    return std::exchange(refused_, {});
}

ChangeNumber ReplicationCounters::noted_before() const {
    const auto pending = notes_.pending();
    return pending ? pending->end : 0;
}

// invalid_argument: the target refuses the counter's name.
Result<std::int64_t> ReplicationCounters::value_of(const std::string& row, const std::string& column) {
    ReplicationAnswer answer;
    for (int refusals = 0; refusals < kRefusalsNeeded; ++refusals) {
        NM_ASSIGN(answer, call_({"GET", path_of(row, column), ""}));
        if (!replication_refuses(answer.status)) break;
    }
    if (answer.status == 404) return std::int64_t{0};
    if (replication_refuses(answer.status))
        return Error{Code::invalid_argument, replication_fault(answer).message};
    if (answer.status / 100 != 2) return replication_fault(answer);
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    if (!json.is_object()) return unreadable();
    const auto value = json.find(column);
    if (value == json.end()) return std::int64_t{0};
    const std::string text = value->is_string() ? value->get<std::string>() : value->dump();
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size()) return unreadable();
    return number;
}

void ReplicationCounters::set_aside(const PendingCounter& counter, const std::string& why) {
    refused_.push_back(
        {0, "counters/" + counter.row + "/" + counter.column, why, std::to_string(counter.sum)});
}

Result<void> ReplicationCounters::post(const PendingCounter& counter) {
    const bool up = counter.sum > 0 || counter.sum == INT64_MIN;  // whose opposite is no number of 64 bits
    const std::string body =
        up ? "increment=" + std::to_string(counter.sum) : "decrement=" + std::to_string(-counter.sum);
    for (int refusals = 0;;) {
        NM_ASSIGN(const ReplicationAnswer answer, call_({"POST", path_of(counter.row, counter.column),
                                                         "application/x-www-form-urlencoded", body}));
        if (answer.status / 100 == 2) return {};
        const Error fault = replication_fault(answer);
        if (!replication_refuses(answer.status)) return fault;
        // Whoever answered, it may have arrived all the same.
        NM_ASSIGN(const bool missing, is_missing(counter));
        if (!missing) return {};
        if (++refusals < kRefusalsNeeded) continue;
        return refuse(counter, fault.message);
    }
}

Result<void> ReplicationCounters::refuse(const PendingCounter& counter, const std::string& why) {
    NM_TRY(cloudsandra_families(call_));
    set_aside(counter, why);
    return {};
}

// Whether the sum has certainly not arrived.
Result<bool> ReplicationCounters::is_missing(const PendingCounter& counter) {
    const auto value = value_of(counter.row, counter.column);
    if (!value.ok() && value.error().code == Code::invalid_argument) {
        NM_TRY(refuse(counter, value.error().message));
        return false;
    }
    NM_TRY(value);
    if (*value == counter.before) return true;
    if (*value != wrapped_sum(counter.before, counter.sum)) {
        set_aside(counter,
                  "an answer was lost, and somebody else moves this counter there: it is not known whether "
                  "this step "
                  "has arrived, and it is not sent again");
    }
    return false;
}

Result<void> ReplicationCounters::finish() {
    const auto pending = notes_.pending();
    refused_.clear();  // of what ended with an error, as it is among these
    if (!pending || pending->counters.empty()) return {};
    for (const PendingCounter& counter : pending->counters) {
        NM_ASSIGN(const bool missing, is_missing(counter));
        if (missing) NM_TRY(post(counter));
    }
    return notes_.set_pending({pending->from, pending->end, {}}, take_refused());
}

Result<std::optional<PendingCounter>> ReplicationCounters::with_value(const CounterName& name,
                                                                      std::int64_t sum) {
    PendingCounter counter{name.first, name.second, 0, sum};
    const auto before = value_of(counter.row, counter.column);
    if (!before.ok() && before.error().code == Code::invalid_argument) {
        NM_TRY(refuse(counter, before.error().message));
        return std::optional<PendingCounter>();
    }
    NM_ASSIGN(counter.before, before);
    return std::optional<PendingCounter>(std::move(counter));
}

Result<void> ReplicationCounters::send(ChangeNumber from, ChangeNumber end,
                                       const std::map<CounterName, std::int64_t>& sums) {
    if (sums.empty()) return {};
    PendingCounters pending{from, end, {}};
    for (const auto& [name, sum] : sums) {
        NM_ASSIGN(auto counter, with_value(name, sum));
        if (counter) pending.counters.push_back(std::move(*counter));
    }
    NM_TRY(notes_.set_pending(pending, take_refused()));
    for (const PendingCounter& counter : pending.counters) NM_TRY(post(counter));
    return {};
}

Result<void> ReplicationCounters::set(const std::map<CounterName, std::int64_t>& values) {
    for (const auto& [name, value] : values) {
        NM_ASSIGN(auto counter, with_value(name, value));
        if (!counter || counter->before == value) continue;
        counter->sum = wrapped_difference(value, counter->before);
        NM_TRY(post(*counter));
    }
    return {};
}

}  // namespace nmstore::server
