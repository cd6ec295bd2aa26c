// Frames of a WebSocket's client: however their bytes are cut, the events are the same, and none is greater
// than the limit. What is left unread between two pieces is at most a frame's head or one control frame.
#include "server/websocket_frame.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "nmstore/result.h"

namespace {

using nmstore::server::FrameReader;

constexpr std::size_t kMaxMessage = 1000;

struct Event {
    FrameReader::Step::Kind kind;
    nmstore::server::CloseCode code;
    std::string payload;
    bool operator==(const Event& other) const {
        return kind == other.kind && code == other.code && payload == other.payload;
    }
};

template <class NextSize>
std::vector<Event> read(const std::string& bytes, NextSize next_size) {
    FrameReader reader(kMaxMessage);
    std::vector<Event> events;
    std::string held;
    std::size_t at = 0;
    while (at < bytes.size()) {
        const std::size_t size = std::min<std::size_t>(next_size(), bytes.size() - at);
        held += bytes.substr(at, size);
        at += size;
        while (true) {
            FrameReader::Step step = reader.feed(held);
            NM_CHECK(step.used <= held.size());
            held.erase(0, step.used);
            if (step.kind == FrameReader::Step::need_more) break;
            NM_CHECK(step.kind == FrameReader::Step::fault || step.payload.size() <= kMaxMessage);
            events.push_back({step.kind, step.code, step.payload});
            if (step.kind == FrameReader::Step::fault) return events;
        }
        NM_CHECK(held.size() < 14 + 125);
    }
    return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = read(bytes, [&] { return bytes.size(); });
    NM_CHECK(read(bytes, [] { return 1; }) == whole);
    std::mt19937 random(static_cast<unsigned>(size));
    NM_CHECK(read(bytes, [&] { return 1 + random() % 20; }) == whole);
    return 0;
}
