// The bytes of WebSocket (RFC 6455) that we read and write: frames, and the handshake's key. No socket here.
// Extensions are not offered; texts and binaries are both taken as texts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nmstore::server {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Status codes of a close.
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    invalid_text = 1007,
    policy = 1008,
    too_large = 1009,
    internal = 1011,
};

// Appends one whole frame as a server sends it: final, not masked.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);
inline void append_text_frame(std::string& out, std::string_view text) {
    append_frame(out, Opcode::text, text);
}
// A reason that is longer than a close can hold (123 bytes) is cut, between characters.
void append_close_frame(std::string& out, CloseCode code, std::string_view reason);

// What Sec-WebSocket-Accept says to this Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

// Takes apart what a client sends. Holds at most one message.
class FrameReader {
  public:
    explicit FrameReader(std::size_t max_message) : max_message_(max_message) {}

    struct Step {
        std::size_t used = 0;  // of the bytes given: to be taken from the front
        enum Kind : std::uint8_t {
            need_more,
            message,  // a whole one, its fragments joined; in `payload`
            ping,     // control frames may stand between a message's fragments
            pong,
            close,  // `code` is what the client gave (normal if none), any that may be sent; the payload its
                    // reason
            fault,  // it broke the protocol: close with `code`; `payload` says why
        } kind = need_more;
        CloseCode code = CloseCode::normal;
        std::string payload;
    };
    // Reads up to one event from the front of `bytes`. A fault ends it: nothing is to be fed afterwards.
    // The same bytes give the same events, however they are cut; a message's bytes are used as they come, so
    // that no more than the head of a frame or one control frame has to be kept by the caller.
    // Faults: a frame without a mask, reserved bits or opcodes, control frames that are fragmented or over
    // 125 bytes, continuations of nothing, a message within another, lengths that are not written in the
    // shortest way, a message that is too large, text that is not UTF-8, a close with half a code or one that
    // may not be sent.
    Step feed(std::string_view bytes);

  private:
    Step begin_frame(std::string_view bytes, std::size_t& used);
    Step control(Opcode opcode, std::string payload) const;
    Step end_frame();

    const std::size_t max_message_;
    std::string message_;
    bool in_message_ = false;
    bool is_text_ = false;
    // Of a message's frame whose payload is still coming:
    bool in_frame_ = false;
    bool is_last_ = false;
    std::uint64_t frame_left_ = 0;
    std::array<char, 4> mask_{};
    std::size_t mask_at_ = 0;
};

}  // namespace nmstore::server
