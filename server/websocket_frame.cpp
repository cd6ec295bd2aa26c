#include "server/websocket_frame.h"

#include <openssl/evp.h>

#include <algorithm>

#include "nmstore/value_type.h"

namespace nmstore::server {

namespace {

constexpr std::size_t kMaxControl = 125;
constexpr unsigned kFinal = 0x80, kReserved = 0x70, kOpcode = 0x0f, kMasked = 0x80, kLength = 0x7f;
constexpr unsigned kLength16 = 126, kLength64 = 127;
constexpr std::string_view kAcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3

void append_number(std::string& out, std::uint64_t number, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        out += static_cast<char>(number >> shift & 0xff);
    }
}

std::uint64_t number_of(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

bool is_control(Opcode opcode) {
    return opcode >= Opcode::close;
}

bool is_known(Opcode opcode) {
    return opcode <= Opcode::binary || (opcode >= Opcode::close && opcode <= Opcode::pong);
}

// Codes below 3000 are the protocol's, of which some are never sent; those up to 4999 are anybody's.
bool may_be_sent(std::uint64_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

FrameReader::Step fault(CloseCode code, std::string why) {
    FrameReader::Step step;
    step.kind = FrameReader::Step::fault;
    step.code = code;
    step.payload = std::move(why);
    return step;
}

FrameReader::Step broken(std::string why) {
    return fault(CloseCode::protocol_error, std::move(why));
}

void unmask(char* bytes, std::size_t size, const std::array<char, 4>& mask, std::size_t at) {
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(bytes[i] ^ mask[(at + i) % 4]);
}

}  // namespace

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
    out += static_cast<char>(kFinal | static_cast<unsigned>(opcode));
    if (payload.size() < kLength16) {
        out += static_cast<char>(payload.size());
    } else if (payload.size() <= 0xffff) {
        out += static_cast<char>(kLength16);
        append_number(out, payload.size(), 2);
    } else {
        out += static_cast<char>(kLength64);
        append_number(out, payload.size(), 8);
    }
    out += payload;
}

void append_close_frame(std::string& out, CloseCode code, std::string_view reason) {
    std::size_t size = std::min(reason.size(), kMaxControl - 2);
    // Not in the midst of a character: bytes 10xxxxxx continue one.
    while (size > 0 && size < reason.size() && (static_cast<unsigned char>(reason[size]) & 0xc0) == 0x80) {
        --size;
    }
    std::string payload;
    append_number(payload, static_cast<std::uint64_t>(code), 2);
    payload += reason.substr(0, size);
    append_frame(out, Opcode::close, payload);
}

std::string websocket_accept(std::string_view key) {
    const std::string text = std::string(key) + std::string(kAcceptSuffix);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64{};
    const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(length)};
}

FrameReader::Step FrameReader::feed(std::string_view bytes) {
    std::size_t used = 0;
    while (true) {
        if (!in_frame_) {
            Step step = begin_frame(bytes.substr(used), used);
            step.used = used;
            if (step.kind != Step::need_more || !in_frame_) return step;
        }
        const std::size_t size =
            static_cast<std::size_t>(std::min<std::uint64_t>(frame_left_, bytes.size() - used));
        const std::size_t before = message_.size();
        message_ += bytes.substr(used, size);
        unmask(message_.data() + before, size, mask_, mask_at_);
        mask_at_ += size;
        used += size;
        frame_left_ -= size;
        Step step;
        if (frame_left_ == 0) step = end_frame();
        step.used = used;
        if (frame_left_ > 0 || step.kind != Step::need_more) return step;
    }
}

// The head of a frame, and all of it if it is a control frame. need_more: it is not all there, or the payload
// of a message follows (in_frame_).
FrameReader::Step FrameReader::begin_frame(std::string_view bytes, std::size_t& used) {
    if (bytes.size() < 2) return {};
    const auto first = static_cast<unsigned char>(bytes[0]);
    const auto second = static_cast<unsigned char>(bytes[1]);
    const auto opcode = static_cast<Opcode>(first & kOpcode);
    const bool is_final = (first & kFinal) != 0;
    std::uint64_t length = second & kLength;
    if ((first & kReserved) != 0) return broken("reserved bits are set, and no extension was agreed on");
    if (!is_known(opcode)) return broken("the opcode " + std::to_string(first & kOpcode) + " is reserved");
    if ((second & kMasked) == 0) return broken("a client's frames must be masked");
    if (is_control(opcode) && !is_final) return broken("a control frame is fragmented");
    if (is_control(opcode) && length > kMaxControl) return broken("a control frame is over 125 bytes");
    if (opcode == Opcode::continuation && !in_message_) return broken("a continuation of nothing");
    if (!is_control(opcode) && opcode != Opcode::continuation && in_message_) {
        return broken("a message begins within another");
    }
    const std::size_t length_bytes = length == kLength16 ? 2 : length == kLength64 ? 8 : 0;
    const std::size_t head = 2 + length_bytes + mask_.size();
    if (bytes.size() < head) return {};
    if (length_bytes > 0) {
        length = number_of(bytes.substr(2, length_bytes));
        const std::uint64_t least = length_bytes == 2 ? kLength16 : 0x10000;
        if (length < least) return broken("a length is not written in the shortest way");
        if (length >> 63 != 0) return broken("a length is over 63 bits");
    }
    std::array<char, 4> mask{};
    std::copy_n(bytes.data() + head - mask.size(), mask.size(), mask.data());
    if (is_control(opcode)) {
        if (bytes.size() < head + length) return {};
        std::string payload(bytes.substr(head, static_cast<std::size_t>(length)));
        unmask(payload.data(), payload.size(), mask, 0);
        used += head + payload.size();
        return control(opcode, std::move(payload));
    }
    if (length > max_message_ - message_.size()) {
        return fault(CloseCode::too_large,
                     "a message is over the limit of " + std::to_string(max_message_) + " bytes");
    }
    if (opcode != Opcode::continuation) is_text_ = opcode == Opcode::text;
    in_message_ = true;
    in_frame_ = true;
    is_last_ = is_final;
    frame_left_ = length;
    mask_ = mask;
    mask_at_ = 0;
    used += head;
    return {};
}

FrameReader::Step FrameReader::control(Opcode opcode, std::string payload) const {
    Step step;
    if (opcode != Opcode::close) {
        step.kind = opcode == Opcode::ping ? Step::ping : Step::pong;
        step.payload = std::move(payload);
        return step;
    }
    step.kind = Step::close;
    if (payload.empty()) return step;
    if (payload.size() == 1) return broken("a close has half a code");
    const std::uint64_t code = number_of(std::string_view(payload).substr(0, 2));
    if (!may_be_sent(code)) return broken("the code " + std::to_string(code) + " may not be sent");
    step.code = static_cast<CloseCode>(code);
    step.payload = payload.substr(2);
    if (!is_valid_utf8(step.payload)) return fault(CloseCode::invalid_text, "a close's reason is not UTF-8");
    return step;
}

FrameReader::Step FrameReader::end_frame() {
    in_frame_ = false;
    if (!is_last_) return {};
    in_message_ = false;
    if (is_text_ && !is_valid_utf8(message_)) return fault(CloseCode::invalid_text, "a text is not UTF-8");
    Step step;
    step.kind = Step::message;
    step.payload = std::move(message_);
    message_.clear();
    return step;
}

}  // namespace nmstore::server
