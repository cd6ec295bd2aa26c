#include "ingest/agent_messages.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace nmstore::ingest {
namespace {

constexpr std::string_view kStart = "//START//";
constexpr std::string_view kEnd = "//END//";

// Whether more bytes may make the mark of it.
bool is_begun(std::string_view mark, std::string_view bytes) {
    return bytes.size() < mark.size() && mark.starts_with(bytes);
}

// A text, or a number as text.
std::optional<std::string> text_of(const simdjson::dom::element& object, const char* name) {
    simdjson::dom::element member;
    if (object[name].get(member) != simdjson::SUCCESS) return std::nullopt;
    std::string_view text;
    if (member.get(text) == simdjson::SUCCESS) return std::string(text);
    if (member.is_number()) return simdjson::minify(member);
    return std::nullopt;
}

// What is wrong, or "".
std::string read_message(std::string_view body, AgentMessage& message) {
    static thread_local simdjson::dom::parser parser;
    simdjson::dom::element object;
    const auto error = parser.parse(body.data(), body.size()).get(object);
    if (error != simdjson::SUCCESS) return simdjson::error_message(error);
    if (!object.is_object()) return "it is no JSON object";
    const auto key = text_of(object, "key");
    const auto data = text_of(object, "data");
    const auto date = text_of(object, "date");
    if (!key || key->empty()) return "it has no key";
    if (!data) return "its data is no text";
    if (!date) return "it has no date";
    const auto [end, problem] = std::from_chars(date->data(), date->data() + date->size(), message.date_ms);
    if (problem != std::errc{} || end != date->data() + date->size()) {
        return "its date is no number of milliseconds";
    }
    message.key = *key;
    message.data = *data;
    message.name = text_of(object, "name").value_or("");
    message.origin = text_of(object, "origin").value_or("");
    return "";
}

}  // namespace

void AgentMessageReader::feed(std::string_view bytes, std::vector<AgentMessage>& out) {
    held_ += bytes;
    while (place_ == Place::inside ? read_inside(out) : pass_over()) {
    }
    held_.erase(0, used_);
    seen_ -= used_;
    used_ = 0;
}

// Up to the next mark; false: it has not come yet.
bool AgentMessageReader::pass_over() {
    const std::string_view mark = place_ == Place::between ? kStart : kEnd;
    const std::size_t at = held_.find(mark, seen_);
    if (at == std::string::npos) {
        // The last bytes may be the beginning of the mark.
        used_ = std::max(seen_, held_.size() - std::min(held_.size(), mark.size() - 1));
        seen_ = used_;
        return false;
    }
    used_ = seen_ = at + mark.size();
    if (place_ == Place::passing) {
        place_ = Place::between;
    } else {
        place_ = Place::inside;
        whole_ = Candidate();
        latest_.reset();
    }
    return true;
}

// Up to the mark that ends the message; false: it has not come yet. Each of its bytes is looked at once, and
// each text that may be the message is parsed once, however many marks there are.
bool AgentMessageReader::read_inside(std::vector<AgentMessage>& out) {
    while (seen_ < held_.size()) {
        const std::size_t at = seen_ - used_;
        if (at > max_message_) break;
        const std::string_view rest = std::string_view(held_).substr(seen_);
        if (rest.front() == '/') {
            if (is_begun(kEnd, rest) || is_begun(kStart, rest)) return false;
            if (rest.starts_with(kEnd) && ends_at(at, out)) {
                place_ = Place::between;
                used_ = seen_ = seen_ + kEnd.size();
                return true;
            }
            if (rest.starts_with(kStart)) latest_.emplace().begin = at + kStart.size();
        }
        // The slashes of a mark that broke off were the real one's.
        constexpr std::string_view kRest = kStart.substr(2);
        if (at == 0 && is_begun(kRest, rest)) return false;
        if (at == 0 && rest.starts_with(kRest)) latest_.emplace().begin = kRest.size();
        whole_.look(rest.front(), at);
        if (latest_) latest_->look(rest.front(), at);
        ++seen_;
    }
    if (seen_ - used_ <= max_message_) return false;
    ++too_large_;
    last_fault_ = "it is over " + std::to_string(max_message_) + " bytes";
    place_ = Place::passing;
    return true;
}

void AgentMessageReader::Candidate::look(char c, std::size_t at) {
    if (at < begin || !possible) return;
    const bool control = static_cast<unsigned char>(c) < 0x20;
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!begun) {
        begun = c == '{';
        possible = begun || blank;
    } else if (!in_string) {
        in_string = c == '"';
    } else if (control) {
        possible = false;  // strings have it escaped
    } else if (escaped) {
        escaped = false;
    } else {
        escaped = c == '\\';
        in_string = c != '"';
    }
}

// Whether the mark there is the message's end. It is none as long as it stands in a string of what may still
// become a message.
bool AgentMessageReader::ends_at(std::size_t at, std::vector<AgentMessage>& out) {
    const std::string_view body = std::string_view(held_).substr(used_, at);
    bool open = false;
    for (Candidate* candidate : {&whole_, latest_ ? &*latest_ : nullptr}) {
        // The slashes of a mark may be those of the next one.
        if (candidate == nullptr || !candidate->possible || candidate->begin > at) continue;
        if (candidate->in_string) {
            open = true;
            continue;
        }
        candidate->possible = false;
        AgentMessage message;
        if (!read_message(body.substr(candidate->begin), message).empty()) continue;
        if (candidate != &whole_) {
            ++malformed_;
            last_fault_ = "it broke off, and another began";
        }
        out.push_back(std::move(message));
        return true;
    }
    if (open) return false;
    AgentMessage none;
    ++malformed_;
    last_fault_ = read_message(body, none);
    return true;
}

}  // namespace nmstore::ingest
