#include "server/replication_hub_link.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "server/replication_pack.h"

namespace nmstore::server {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kBase = "/api/v1/replication/";

std::string link_parameters(const std::string& hub, const std::string& stream) {
    return "?hub=" + percent_encoded(hub) + "&stream=" + percent_encoded(stream);
}

Error unreadable() {
    return {Code::unavailable, "the target's answer cannot be read"};
}

std::string text_of(const Json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

std::optional<std::uint64_t> number_of(const Json& object, const char* name) {
    const auto at = object.find(name);
    if (at == object.end() || !at->is_number_unsigned()) return std::nullopt;
    return at->get<std::uint64_t>();
}

std::vector<ReplicationRefused> refused_of(const Json& answer) {
    std::vector<ReplicationRefused> refused;
    if (!answer.contains("refused") || !answer["refused"].is_array()) return refused;
    for (const Json& each : answer["refused"]) {
        if (each.is_object())
            refused.push_back({number_of(each, "number").value_or(0), text_of(each, "what"),
                               text_of(each, "why"), text_of(each, "value")});
    }
    return refused;
}

std::string random_id() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
}

}  // namespace

Result<ReplicationHello> say_hello(const ReplicationCall& call, const JournalLink& link) {
    NM_ASSIGN(const ReplicationAnswer answer,
              call({"GET", std::string(kBase) + "hello" + link_parameters(link.hub, link.stream), ""}));
    ReplicationHello hello;
    if (answer.status == 404 || answer.status == 405 || answer.status == 400) return hello;
    if (answer.status != 200) return replication_fault(answer);
    const Json json = Json::parse(answer.body, nullptr, false);
    if (!json.is_object() || !json.contains("protocol")) return hello;
    if (number_of(json, "protocol") != kReplicationProtocol)
        return Error{Code::unsupported,
                     "the target speaks another protocol of replication: it has another version"};
    hello.is_hub = true;
    hello.hub = text_of(json, "hub");
    hello.position = number_of(json, "position");
    hello.standby = json.contains("standby") && json["standby"] == true;
    hello.refused = refused_of(json);
    if (hello.hub.empty()) return unreadable();
    if (hello.hub == link.hub) return Error{Code::unsupported, "the target is this hub itself"};
    return hello;
}

ReplicationHubLink::ReplicationHubLink(ReplicationCall call, JournalLink link)
    : call_(std::move(call)), link_(std::move(link)) {}

Result<std::optional<ChangeNumber>> ReplicationHubLink::position() {
    begins_ = false;
    NM_ASSIGN(const ReplicationHello hello, say_hello(call_, link_));
    if (!hello.is_hub) return unreadable();
    target_hub_ = hello.hub;
    told_late_ = hello.refused;
    return hello.position;
}

Result<void> ReplicationHubLink::begin(ChangeNumber at) {
    begins_ = true;
    NM_TRY(send({at, at, {}}));
    return {};
}

Result<ReplicationSent> ReplicationHubLink::send(const ReplicationBatch& batch) {
    NM_ASSIGN(ReplicationSent sent, post(link_.stream, batch, begins_));
    begins_ = false;
    return sent;
}

Result<ReplicationSent> ReplicationHubLink::post(const std::string& stream, const ReplicationBatch& batch,
                                                 bool begins) {
    const std::string body = pack_records(batch.records);
    NM_ASSIGN(const ReplicationAnswer answer,
              call_({"POST",
                     fmt::format("{}records{}&from={}&end={}{}", kBase, link_parameters(link_.hub, stream),
                                 batch.from, batch.end, begins ? "&begin=true" : ""),
                     std::string(kJournalContentType), body}));
    const Json json = Json::parse(answer.body, nullptr, false);
    if (answer.status == 409 && json.is_object() && json.contains("position"))
        return Error{Code::conflict, "the target stands elsewhere"};
    if (answer.status == 409) return Error{Code::unavailable, replication_fault(answer).message};
    if (answer.status != 200) return replication_fault(answer);
    // A target that writes for long ends behind one of the records, so that others have their turn.
    const std::uint64_t position = json.is_object() ? number_of(json, "position").value_or(0) : 0;
    const auto behind = std::find_if(batch.records.begin(), batch.records.end(),
                                     [&](const JournalRecord& record) { return record.number >= position; });
    const bool ends_behind_one = behind != batch.records.begin() && behind != batch.records.end();
    if (position != batch.end && !ends_behind_one) return unreadable();
    return ReplicationSent{position, static_cast<std::uint64_t>(behind - batch.records.begin()), body.size(),
                           refused_of(json), number_of(json, "refused_more").value_or(0)};
}

Result<void> ReplicationHubLink::set_position(const std::string& stream,
                                              std::optional<ChangeNumber> position) {
    std::string path = std::string(kBase) + "position" + link_parameters(link_.hub, stream);
    if (position) path += "&position=" + std::to_string(*position);
    NM_ASSIGN(const ReplicationAnswer answer, call_({"POST", path, ""}));
    if (answer.status != 200) return replication_fault(answer);
    return {};
}

Result<void> ReplicationHubLink::begin_copy() {
    copy_stream_ = std::string(kCopyStream) + random_id();
    // Before the copy is cut: the target keeps from then on what may have to be written again.
    NM_TRY(post(copy_stream_, {1, 1, {}}, true));
    return {};
}

Result<ReplicationSent> ReplicationHubLink::send_copy(const JournalRecord& record) {
    const ReplicationBatch batch{record.number, record.number + 1, {record}};
    auto sent = post(copy_stream_, batch, false);
    if (sent.ok() || sent.error().code != Code::conflict) return sent;
    // The answer to it may have been lost.
    NM_ASSIGN(const ReplicationHello hello, say_hello(call_, {link_.hub, copy_stream_}));
    if (hello.position == batch.end) return ReplicationSent{batch.end, 1, 0, hello.refused};
    return Error{Code::conflict, "the target has lost the copy that was begun"};
}

Result<void> ReplicationHubLink::end_copy(ChangeNumber at) {
    NM_TRY(set_position(link_.stream, at));
    return set_position(copy_stream_, std::nullopt);
}

}  // namespace nmstore::server
