#include "ingest/agent_messages.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace nmstore::ingest {
namespace {

constexpr std::string_view kStart = "//START//";
constexpr std::string_view kEnd = "//END//";

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
    while (step(out)) {
    }
    held_.erase(0, used_);
    seen_ -= std::min(seen_, used_);
    used_ = 0;
}

// Up to the next mark; false: it has not come yet.
bool AgentMessageReader::step(std::vector<AgentMessage>& out) {
    const std::string_view mark = place_ == Place::between ? kStart : kEnd;
    const std::size_t at = held_.find(mark, std::max(used_, seen_));
    // Of what has no end yet the last bytes may be the beginning of the mark.
    const std::size_t tail = std::min(held_.size() - used_, mark.size() - 1);
    const std::size_t inside = at == std::string::npos ? held_.size() - tail - used_ : at - used_;
    if (place_ == Place::inside && inside > max_message_) {
        ++too_large_;
        last_fault_ = "it is over " + std::to_string(max_message_) + " bytes";
        place_ = Place::passing;
    }
    if (at == std::string::npos) {
        if (place_ != Place::inside) used_ = held_.size() - tail;
        seen_ = held_.size() - tail;
        return false;
    }
    if (place_ == Place::inside) take(std::string_view(held_).substr(used_, inside), out);
    place_ = place_ == Place::between ? Place::inside : Place::between;
    used_ = at + mark.size();
    seen_ = used_;
    return true;
}

void AgentMessageReader::take(std::string_view body, std::vector<AgentMessage>& out) {
    AgentMessage message;
    std::string fault = read_message(body, message);
    if (fault.empty()) {
        out.push_back(std::move(message));
        return;
    }
    ++malformed_;
    last_fault_ = std::move(fault);
    std::size_t again = body.rfind(kStart);
    if (again != std::string_view::npos) {
        again += kStart.size();
    } else if (body.starts_with(kStart.substr(2))) {
        again = kStart.size() - 2;  // the slashes of a mark that broke off were the real one's
    } else {
        return;
    }
    message = {};
    if (read_message(body.substr(again), message).empty()) out.push_back(std::move(message));
}

}  // namespace nmstore::ingest
