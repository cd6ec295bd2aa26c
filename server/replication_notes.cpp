#include "server/replication_notes.h"

#include <fmt/format.h>
#include <charconv>

#include <functional>
#include <nlohmann/json.hpp>

namespace nmstore::server {
namespace {

using Json = nlohmann::json;

// Rows, columns and values may be any bytes, which JSON cannot hold: two hexadecimal digits a byte.
std::string hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out;
}

std::string unhex(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        unsigned byte = 0;
        std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
        out += static_cast<char>(byte);
    }
    return out;
}

std::string text_of(const ReplicationMemory& memory) {
    Json json{{"paused", memory.paused},         {"resync", memory.resync},
              {"copied", memory.copied},         {"kind", memory.kind},
              {"needs_copy", memory.needs_copy}, {"refused_dropped", memory.refused_dropped}};
    json["hub"] = memory.hub;
    json["refused_before"] = memory.refused_before;
    if (!memory.needs_copy.empty()) {
        json["needs_copy_stream"] = memory.needs_copy_stream;
        json["needs_copy_ms"] = memory.needs_copy_ms;
        if (memory.needs_copy_from) json["needs_copy_from"] = *memory.needs_copy_from;
    }
    if (memory.stream) json["stream"] = *memory.stream;
    if (memory.position) json["position"] = *memory.position;
    if (memory.left_at) json["left_at"] = *memory.left_at;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ReplicationMemory memory_of(const Json& json) {
    ReplicationMemory memory;
    memory.paused = json.at("paused").get<bool>();
    memory.resync = json.at("resync").get<bool>();
    memory.copied = json.at("copied").get<bool>();
    memory.kind = json.at("kind").get<std::string>();
    memory.needs_copy = json.at("needs_copy").get<std::string>();
    memory.needs_copy_stream = json.value("needs_copy_stream", "");
    memory.needs_copy_ms = json.value("needs_copy_ms", std::int64_t{0});
    if (json.contains("needs_copy_from"))
        memory.needs_copy_from = json["needs_copy_from"].get<ChangeNumber>();
    memory.refused_dropped = json.at("refused_dropped").get<std::uint64_t>();
    memory.hub = json.at("hub").get<std::string>();
    memory.refused_before = json.value("refused_before", ChangeNumber{0});
    if (json.contains("stream")) memory.stream = json["stream"].get<std::string>();
    if (json.contains("position")) memory.position = json["position"].get<ChangeNumber>();
    if (json.contains("left_at")) memory.left_at = json["left_at"].get<ChangeNumber>();
    return memory;
}

std::string text_of(const PendingCounters& pending) {
    Json counters = Json::array();
    for (const PendingCounter& c : pending.counters)
        counters.push_back(
            {{"row", hex(c.row)}, {"column", hex(c.column)}, {"before", c.before}, {"sum", c.sum}});
    return Json{{"from", pending.from}, {"end", pending.end}, {"counters", counters}}.dump();
}

PendingCounters pending_of(const Json& json) {
    PendingCounters pending{json.at("from").get<ChangeNumber>(), json.at("end").get<ChangeNumber>(), {}};
    for (const Json& c : json.at("counters")) {
        pending.counters.push_back({unhex(c.at("row").get<std::string>()),
                                    unhex(c.at("column").get<std::string>()),
                                    c.at("before").get<std::int64_t>(), c.at("sum").get<std::int64_t>()});
    }
    return pending;
}

std::string text_of(const KeptRefused& kept) {
    return Json{{"number", kept.value.number},
                {"time", kept.time_ms},
                {"what", hex(kept.value.what)},
                {"why", hex(kept.value.why)},
                {"value", hex(kept.value.value)}}
        .dump();
}

KeptRefused refused_of(const Json& json) {
    KeptRefused kept;
    kept.time_ms = json.at("time").get<std::int64_t>();
    kept.value = {json.at("number").get<ChangeNumber>(), unhex(json.at("what").get<std::string>()),
                  unhex(json.at("why").get<std::string>()), unhex(json.at("value").get<std::string>())};
    return kept;
}

}  // namespace

ReplicationNotes::ReplicationNotes(Store& store, const Clock& clock, std::string target)
    : store_(store), clock_(clock), target_(std::move(target)) {}

// No name of a target has a blank in it.
std::string ReplicationNotes::note_name(std::string_view what) const {
    return std::string(what) + " " + target_;
}

std::string ReplicationNotes::refused_name(std::uint64_t id) const {
    return note_name("refused") + fmt::format(" {:020}", id);
}

Store::Note ReplicationNotes::memory_note(const ReplicationMemory& memory) const {
    return {note_name("target"), text_of(memory)};
}

Result<void> ReplicationNotes::load() {
    NM_ASSIGN(const std::vector<Store::Note> notes, store_.notes(kReplicationArea));
    const std::lock_guard guard(mutex_);
    const std::string refused = note_name("refused") + " ";
    for (const Store::Note& note : notes) {
        try {
            if (note.name == note_name("target")) memory_ = memory_of(Json::parse(note.text.value_or("")));
            if (note.name == note_name("pending")) pending_ = pending_of(Json::parse(note.text.value_or("")));
            if (note.name.starts_with(refused)) NM_TRY(load_refused(note, note.name.substr(refused.size())));
        } catch (const Json::exception&) {
            return Error{Code::corruption, "the note \"" + note.name + "\" of replication cannot be read"};
        }
    }
    return {};
}

Result<void> ReplicationNotes::load_refused(const Store::Note& note, std::string_view id) {
    KeptRefused kept = refused_of(Json::parse(note.text.value_or("")));
    std::from_chars(id.data(), id.data() + id.size(), kept.id);
    refused_[kept.id] = std::move(kept);
    return {};
}

ReplicationMemory ReplicationNotes::memory() const {
    const std::lock_guard guard(mutex_);
    return memory_;
}

std::optional<PendingCounters> ReplicationNotes::pending() const {
    const std::lock_guard guard(mutex_);
    return pending_;
}

Result<void> ReplicationNotes::change(const std::function<void(ReplicationMemory&)>& how) {
    const std::lock_guard guard(mutex_);
    ReplicationMemory memory = memory_;
    how(memory);
    return keep(std::move(memory), {});
}

Result<void> ReplicationNotes::set_pending(const PendingCounters& pending,
                                           const std::vector<ReplicationRefused>& refused) {
    const std::lock_guard guard(mutex_);
    NM_TRY(keep(memory_, refused, {{note_name("pending"), text_of(pending)}}));
    pending_ = pending;
    return {};
}

Result<void> ReplicationNotes::done(ChangeNumber position, const std::vector<ReplicationRefused>& refused) {
    const std::lock_guard guard(mutex_);
    ReplicationMemory memory = memory_;
    memory.position = position;
    const bool is_over = pending_ && position >= pending_->end;
    if (!is_over) return keep(std::move(memory), refused);
    NM_TRY(keep(std::move(memory), refused, {{note_name("pending"), std::nullopt}}));
    pending_.reset();
    return {};
}

Result<void> ReplicationNotes::add_refused(const std::vector<ReplicationRefused>& refused,
                                           std::uint64_t more) {
    if (refused.empty()) return {};
    const std::lock_guard guard(mutex_);
    ReplicationMemory memory = memory_;
    memory.refused_dropped += more;
    return keep(std::move(memory), refused);
}

Result<void> ReplicationNotes::add_refused_once(std::vector<ReplicationRefused> refused, std::uint64_t more) {
    const std::lock_guard guard(mutex_);
    ReplicationMemory memory = memory_;
    std::erase_if(refused, [&](const ReplicationRefused& each) {
        return each.number != 0 && each.number < memory_.refused_before;
    });
    if (refused.empty()) return {};
    for (const ReplicationRefused& each : refused)
        memory.refused_before = std::max(memory.refused_before, each.number + 1);
    memory.refused_dropped += more;
    return keep(std::move(memory), refused);
}

Result<void> ReplicationNotes::keep(ReplicationMemory memory, const std::vector<ReplicationRefused>& refused,
                                    std::vector<Store::Note> more) {
    auto kept = refused.empty() ? std::map<std::uint64_t, KeptRefused>() : refused_;
    std::uint64_t next = kept.empty() ? 1 : kept.rbegin()->first + 1;
    std::map<std::string, Store::Note> notes;
    for (const ReplicationRefused& each : refused) {
        KeptRefused one{next++, clock_.now_ms(), each};
        one.value.value.resize(std::min(one.value.value.size(), kMaxRefusedValueBytes));
        for (std::string* name : {&one.value.what, &one.value.why})
            name->resize(std::min(name->size(), kMaxRefusedNameBytes));
        notes[refused_name(one.id)] = {refused_name(one.id), text_of(one)};
        kept[one.id] = std::move(one);
    }
    for (; kept.size() > kMaxReplicationRefused; kept.erase(kept.begin())) {
        const std::string name = refused_name(kept.begin()->first);
        notes[name] = {name, std::nullopt};
        ++memory.refused_dropped;
    }
    more.push_back(memory_note(memory));
    for (auto& [name, note] : notes) more.push_back(std::move(note));
    NM_TRY(store_.put_notes(kReplicationArea, more));
    if (!refused.empty()) refused_ = std::move(kept);
    memory_ = std::move(memory);
    return {};
}

std::vector<KeptRefused> ReplicationNotes::refused() const {
    const std::lock_guard guard(mutex_);
    std::vector<KeptRefused> all;
    for (const auto& [id, kept] : refused_) all.push_back(kept);
    return all;
}

std::size_t ReplicationNotes::refused_count() const {
    const std::lock_guard guard(mutex_);
    return refused_.size();
}

Result<std::uint64_t> ReplicationNotes::clear_refused() {
    const std::lock_guard guard(mutex_);
    ReplicationMemory memory = memory_;
    memory.refused_dropped = 0;
    std::vector<Store::Note> notes{memory_note(memory)};
    for (const auto& [id, kept] : refused_) notes.push_back({refused_name(id), std::nullopt});
    NM_TRY(store_.put_notes(kReplicationArea, notes));
    const std::uint64_t count = refused_.size() + memory_.refused_dropped;
    memory_ = std::move(memory);
    refused_.clear();
    return count;
}

}  // namespace nmstore::server
