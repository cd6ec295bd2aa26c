// The client's side of a WebSocket, for tests: bytes of its frames, and frames of a server taken apart.
#pragma once

#include <string>
#include <string_view>

#include "server/websocket_frame.h"

namespace nmstore::testing {

// A masked frame, its length in the shortest way.
inline std::string client_frame(server::Opcode opcode, std::string_view payload, bool final = true) {
    std::string frame;
    server::append_frame(frame, opcode, payload);
    const std::size_t head = frame.size() - payload.size();
    if (!final) frame[0] = static_cast<char>(frame[0] & 0x7f);
    frame[1] = static_cast<char>(frame[1] | 0x80);
    constexpr std::string_view mask = "\x37\xfa\x21\x3d";
    frame.insert(head, mask);
    for (std::size_t i = 0; i < payload.size(); ++i) {
        char& byte = frame[head + mask.size() + i];
        byte = static_cast<char>(byte ^ mask[i % mask.size()]);
    }
    return frame;
}

inline constexpr std::string_view kHandshakeHeaders =
    "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

struct ServerFrame {
    int opcode = -1;  // -1: the connection ended
    std::string payload;
    int close_code() const {
        if (opcode != 8 || payload.size() < 2) return 0;
        return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
    }
};

template <class Client>
ServerFrame read_frame(Client& client) {
    ServerFrame frame;
    const std::string head = client.read_bytes(2);
    if (head.size() < 2) return frame;
    std::size_t length = static_cast<unsigned char>(head[1]);
    if (length >= 126) {
        const std::string more = client.read_bytes(length == 126 ? 2 : 8);
        length = 0;
        for (const char byte : more) length = length << 8 | static_cast<unsigned char>(byte);
    }
    frame.payload = client.read_bytes(length);
    if (frame.payload.size() == length) frame.opcode = static_cast<unsigned char>(head[0]) & 0x0f;
    return frame;
}

}  // namespace nmstore::testing
