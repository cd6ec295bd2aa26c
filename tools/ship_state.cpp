#include "tools/ship_state.h"

#include <nlohmann/json.hpp>
#include <random>

#include "query/opaque_text.h"
#include "tools/durable_file.h"
#include "tools/json_text.h"

namespace nmstore::tools {
namespace {

using nlohmann::json;

constexpr char kHex[] = "0123456789abcdef";
constexpr int kStateVersion = 2;

std::string random_id() {
    std::random_device device;
    std::string id = "ship-";
    for (int i = 0; i < 4; ++i) {
        const unsigned bits = device();
        for (int shift = 28; shift >= 0; shift -= 4) id += kHex[(bits >> shift) & 15U];
    }
    return id;
}

// Of a body: a file system may give back zeros for what was lost.
std::uint64_t checksum(std::string_view bytes) {
    return query::fingerprint(bytes);
}

std::string place_json(const FilePlace& place) {
    return "{\"path\":" + json_string(place.path) + ",\"device\":" + std::to_string(place.device) +
           ",\"inode\":" + std::to_string(place.inode) + ",\"offset\":" + std::to_string(place.offset) +
           ",\"head\":" + std::to_string(place.head_hash) + ",\"tail\":" + std::to_string(place.tail_hash) +
           ",\"changed_ns\":" + std::to_string(place.changed_ns) +
           ",\"time\":" + std::to_string(place.time_ms) +
           ",\"settled\":" + (place.settled ? "true" : "false") + "}";
}

bool natural(const json& object, const char* name, std::uint64_t& out) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_unsigned()) return false;
    out = found->get<std::uint64_t>();
    return true;
}

bool place_of(const json& object, FilePlace& place) {
    if (!object.is_object()) return false;
    place.path = member_bytes(object, "path");
    place.changed_ns = member_number(object, "changed_ns");
    place.time_ms = member_number(object, "time");
    place.settled = object.value("settled", false);
    return !place.path.empty() && natural(object, "device", place.device) &&
           natural(object, "inode", place.inode) && natural(object, "offset", place.offset) &&
           natural(object, "head", place.head_hash) && natural(object, "tail", place.tail_hash);
}

Error broken(const std::string& what) {
    return {Code::corruption, what};
}

std::string state_json(const ShipState& state) {
    std::string text = "{\"source\":" + json_string(state.source) +
                       ",\"sequence\":" + std::to_string(state.sequence) + ",\"files\":[";
    for (std::size_t i = 0; i < state.places.size(); ++i)
        text += (i > 0 ? "," : "") + place_json(state.places[i]);
    return text + "]}";
}

Result<ShipState> state_of(const json& object) {
    ShipState state;
    if (!object.is_object()) return broken("it holds no state");
    state.source = member_bytes(object, "source");
    if (state.source.empty() || !natural(object, "sequence", state.sequence))
        return broken("source or sequence is missing");
    if (!object.contains("files") || !object.at("files").is_array())
        return broken("the list of files is missing");
    for (const json& file : object.at("files")) {
        FilePlace place;
        if (!place_of(file, place)) return broken("a file's place is not whole");
        state.places.push_back(std::move(place));
    }
    return state;
}

}  // namespace

std::string format_states(const ServerStates& states) {
    std::string text = "{\"version\":" + std::to_string(kStateVersion) + ",\"servers\":[";
    const char* comma = "";
    for (const auto& [server, state] : states) {
        text +=
            comma + std::string("{\"url\":") + json_string(server) + ",\"state\":" + state_json(state) + "}";
        comma = ",";
    }
    return text + "]}";
}

Result<ServerStates> parse_states(std::string_view text) {
    NM_ASSIGN(const json object, parse_json(text));
    if (!object.is_object() || member_number(object, "version") != kStateVersion)
        return broken("it is of another version, or no state");
    if (!object.contains("servers") || !object.at("servers").is_array())
        return broken("the list of servers is missing");
    ServerStates states;
    for (const json& server : object.at("servers")) {
        const std::string url = member_bytes(server, "url");
        if (url.empty() || !server.contains("state")) return broken("a server's state is not whole");
        NM_ASSIGN(states[url], state_of(server.at("state")));
    }
    return states;
}

std::string format_in_flight(const InFlight& in_flight) {
    const PackedBatch& batch = in_flight.batch;
    return "{\"sequence\":" + std::to_string(batch.sequence) + ",\"client\":" + json_string(batch.client) +
           ",\"encoding\":" + json_string(batch.encoding) + ",\"lines\":" + std::to_string(batch.lines) +
           ",\"bytes\":" + std::to_string(batch.body.size()) +
           ",\"checksum\":" + std::to_string(checksum(batch.body)) +
           ",\"after\":" + state_json(in_flight.after) + "}\n" + batch.body;
}

Result<InFlight> parse_in_flight(std::string_view text) {
    const auto newline = text.find('\n');
    if (newline == std::string_view::npos) return broken("it is not whole");
    NM_ASSIGN(const json header, parse_json(text.substr(0, newline)));
    InFlight in_flight;
    PackedBatch& batch = in_flight.batch;
    std::uint64_t bytes = 0;
    std::uint64_t sum = 0;
    if (!header.is_object() || !natural(header, "sequence", batch.sequence) ||
        !natural(header, "lines", batch.lines) || !natural(header, "bytes", bytes) ||
        !natural(header, "checksum", sum) || !header.contains("after")) {
        return broken("its header is not whole");
    }
    batch.client = member_bytes(header, "client");
    batch.encoding = member_bytes(header, "encoding");
    batch.body = text.substr(newline + 1);
    if (batch.body.size() != bytes || checksum(batch.body) != sum)
        return broken("its body is not what was written");
    NM_ASSIGN(in_flight.after, state_of(header.at("after")));
    return in_flight;
}

Result<StateFile> StateFile::open(const std::string& path, const std::string& server) {
    NM_ASSIGN(FileLock lock, FileLock::beside(path, "another nm-tool ships with the state file " + path +
                                                        ": give this one a --state of its own"));
    return StateFile(path, server, std::move(lock));
}

// Servers' batches do not replace each other: each has a file, by a hash of its URL.
std::string StateFile::in_flight_path() const {
    std::string name;
    for (std::uint64_t hash = checksum(server_); name.size() < 16; hash >>= 4) name += kHex[hash & 15U];
    return path_ + ".inflight-" + name;
}

Result<ShipState> StateFile::load() {
    NM_ASSIGN(const std::optional<std::string> text, read_file(path_));
    if (text) {
        auto states = parse_states(*text);
        if (!states.ok()) {
            return Error{Code::corruption, "cannot read the state file " + path_ + ": " +
                                               states.error().message +
                                               ". Move it away to begin anew: then all is sent again"};
        }
        states_ = std::move(states).value();
    }
    const auto known = states_.find(server_);
    if (known != states_.end()) return known->second;
    // Kept before anything is sent: the id must outlive whatever happens to the first batch.
    ShipState fresh{random_id(), 0, {}};
    NM_TRY(save(fresh));
    return fresh;
}

Result<std::optional<InFlight>> StateFile::load_in_flight(const ShipState& state) const {
    const std::string path = in_flight_path();
    NM_ASSIGN(const std::optional<std::string> text, read_file(path));
    if (!text) return std::optional<InFlight>();
    auto in_flight = parse_in_flight(*text);
    if (!in_flight.ok()) {
        return Error{Code::corruption, "cannot read " + path + ": " + in_flight.error().message +
                                           ". Its lines are read again from their files, and may be doubled"};
    }
    const bool next = in_flight.value().after.source == state.source &&
                      in_flight.value().batch.sequence == state.sequence + 1;
    return next ? std::optional<InFlight>(std::move(in_flight).value()) : std::nullopt;
}

Result<void> StateFile::save(const ShipState& state) {
    states_[server_] = state;
    return replace_file(path_, format_states(states_));
}

Result<void> StateFile::save_in_flight(const InFlight& in_flight) const {
    return replace_file(in_flight_path(), format_in_flight(in_flight));
}

}  // namespace nmstore::tools
