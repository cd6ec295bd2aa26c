#include "tools/following.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "tools/interruption.h"
#include "tools/json_text.h"

namespace nmstore::tools {
namespace {

using SteadyClock = std::chrono::steady_clock;
using nlohmann::json;

// Between two tries while the server cannot be reached.
constexpr std::chrono::milliseconds kShortestPause{250};
constexpr std::chrono::milliseconds kLongestPause{30'000};
constexpr std::chrono::milliseconds kNap{50};  // an interruption is noticed so soon
// The server says something every 30 s at the least (--heartbeat): after so long it is dead, or the way to it
// is.
constexpr std::chrono::seconds kSilence{60};

bool may_pass(const Error& error) {
    return error.code == Code::unavailable || error.code == Code::deadline_exceeded;
}

// Whether it is the first part of an event, of which a cut has left no more.
bool begins_as_event(std::string_view line) {
    constexpr std::string_view kBegin = "{\"event\":";
    return line.substr(0, kBegin.size()) == kBegin.substr(0, line.size());
}

}  // namespace

Following::Following(Session& session, HttpClient& client, std::string path, Parameters parameters)
    : session_(session), client_(client), path_(std::move(path)), parameters_(std::move(parameters)) {}

Result<std::string> Following::now() {
    HttpRequest request;
    request.path = path_;
    request.parameters = parameters_;
    request.parameters.emplace_back("transport", "poll");
    request.parameters.emplace_back("wait", "0");
    const auto body = client_.fetch(request);
    if (!body.ok() && body.error().code == Code::not_found) {
        return Error{Code::unsupported, client_.url() + " has no " + path_ +
                                            ": nothing can be followed there (is nm-stored older than this "
                                            "nm-tool?)"};
    }
    if (!body.ok()) return body.error();
    NM_ASSIGN(const json answer, parse_json(*body));
    std::string next = member_bytes(answer, "next");
    if (next.empty()) return Error{Code::corruption, "the server's answer does not tell where it ends"};
    return next;
}

int Following::run(std::string since, const EachEvent& each) {
    since_ = std::move(since);
    pause_ = kShortestPause;
    while (!is_over()) {
        const Result<void> done = read(each);
        if (!done.ok() && !may_pass(done.error())) return session_.fail(done.error());
        if (is_over()) break;
        if (!cut_told_)
            remark((done.ok() ? "the server has ended the stream" : done.error().message) + "; trying again");
        cut_told_ = true;
        wait();
    }
    return interrupted() ? exit_interrupted : exit_ok;
}

Result<void> Following::read(const EachEvent& each) {
    HttpRequest request;
    request.path = path_;
    request.parameters = parameters_;
    request.parameters.emplace_back("since", since_);
    request.parameters.emplace_back("transport", "lines");
    request.silence = kSilence;
    request.began = [this] {
        if (cut_told_) remark("the server answers again");
        cut_told_ = false;
    };
    request.after_piece = [this] {
        stopped_ = stopped_ || !session_.out.flush();
        return !stopped_;
    };
    request.wanted = [this] {
        stopped_ = stopped_ || session_.out.reader_is_gone();
        return !stopped_;
    };
    fault_ = {};
    begun_ = false;
    NM_TRY(client_.fetch_lines(request, [&](std::string_view line) { return take(line, each); }));
    return fault_;
}

bool Following::take(std::string_view line, const EachEvent& each) {
    auto parsed = parse_json(line);
    if (!parsed.ok() || !parsed->is_object() || !parsed->contains("event")) {
        fault_ = begins_as_event(line)
                     ? Error{Code::unavailable, "the stream of " + client_.url() + " was cut off"}
                     : Error{Code::unsupported, client_.url() +
                                                    " does not answer with events: is this "
                                                    "nm-stored's address?"};
        return false;
    }
    const json& event = *parsed;
    if (event.contains("error") && event.size() == 2) {
        since_ = member_bytes(event, "event");
        fault_ = Error{Code::unavailable, "the server ended the stream: " + member_bytes(event, "error")};
        return false;
    }
    // The first line may tell no more than the place, and comes also from a server that then can do no more.
    if (std::exchange(begun_, true)) pause_ = kShortestPause;
    if (event.size() == 2) {
        tell(event);
    } else if (!each(line, event)) {
        stopped_ = true;
        return false;
    }
    since_ = member_bytes(event, "event");
    return true;
}

void Following::tell(const json& event) {
    if (event.contains("dropped"))
        session_.warn(member_bytes(event, "dropped") +
                      " events were dropped: they came faster than they were read");
    if (event.contains("gap"))
        session_.warn(
            "the server does not have all of what came meanwhile any more, or its store is another one or an "
            "older copy: some may be missing here");
}

void Following::remark(const std::string& message) {
    if (!session_.options.quiet) session_.warn(message);
}

void Following::wait() {
    const auto until = SteadyClock::now() + pause_;
    pause_ = std::min(pause_ * 2, kLongestPause);
    while (!is_over() && SteadyClock::now() < until) {
        std::this_thread::sleep_for(kNap);
        stopped_ = stopped_ || session_.out.reader_is_gone();
    }
}

bool Following::is_over() const {
    return stopped_ || interrupted();
}

}  // namespace nmstore::tools
