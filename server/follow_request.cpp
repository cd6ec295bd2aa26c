#include "server/follow_request.h"

#include "server/api_answer.h"
#include "server/page_origin.h"
#include "server/server_events.h"

namespace nmstore::server {
namespace {

constexpr std::uint64_t kMaxWaitSeconds = 300;

Result<EventFormat> read_format(const Request& request, const Parameters& parameters, EventFormat fallback) {
    const std::string_view transport = parameters.text("transport");
    if (transport == "sse") return EventFormat::server_events;
    if (transport == "lines") return EventFormat::lines;
    if (transport == "poll") return EventFormat::poll;
    if (transport == "websocket") return EventFormat::websocket;
    if (!transport.empty())
        return Error{Code::invalid_argument, "transport: expected sse, lines, websocket or poll"};
    if (wants_websocket(request)) return EventFormat::websocket;
    const std::string_view accept = request.header("accept").value_or("");
    if (accept.find(kEventStream) != std::string_view::npos) return EventFormat::server_events;
    if (accept.find(kNdjson) != std::string_view::npos) return EventFormat::lines;
    return parameters.has("wait") && fallback == EventFormat::lines ? EventFormat::poll : fallback;
}

std::string_view content_type_of(EventFormat format) {
    if (format == EventFormat::server_events) return kEventStream;
    return format == EventFormat::lines ? kNdjson : "application/json";
}

}  // namespace

Result<FollowOptions> read_follow_options(const Request& request, const Parameters& parameters,
                                          EventFormat fallback) {
    FollowOptions options;
    NM_ASSIGN(options.format, read_format(request, parameters, fallback));
    const std::string_view slow = parameters.text("slow");
    if (!slow.empty() && slow != "catchup" && slow != "drop")
        return Error{Code::invalid_argument, "slow: expected catchup or drop"};
    options.slow = slow == "drop" ? SlowReader::drop : SlowReader::catch_up;
    const auto last = request.header("last-event-id");
    const std::string_view since = last && !last->empty() ? *last : parameters.text("since");
    if (!since.empty() && since != "now") {
        const auto id = parse_event_id(since);
        if (!id) {
            return Error{Code::invalid_argument,
                         std::string(last && !last->empty() ? "Last-Event-ID" : "since") + ": " +
                             id.error().message + ", or now"};
        }
        options.after = *id;
    }
    // Readers of lines know heartbeats, and those of server-sent events comments. On a WebSocket there are
    // none but for those who ask.
    NM_ASSIGN(const bool place, parameters.boolean("place"));
    options.tells_place = place || options.format != EventFormat::websocket;
    NM_ASSIGN(const std::uint64_t wait, parameters.natural("wait", 25, 0, kMaxWaitSeconds));
    options.wait = std::chrono::seconds(wait);
    return options;
}

Result<Response> answer_follower(Context& context, const Request& request, EventSubjectPtr subject,
                                 const FollowOptions& options) {
    if (context.realtime == nullptr) return Error{Code::unavailable, "nothing can be followed here"};
    NM_ASSIGN(auto source, context.realtime->follow(std::move(subject), options, request.gone));
    const std::vector<std::string>& origins = context.config.allow_origins;
    if (options.format == EventFormat::websocket)
        return websocket_answer(request, std::move(source), origins);
    Response response;
    response.content_type = content_type_of(options.format);
    response.events = std::move(source);
    if (is_allowed_page(request, origins)) {
        response.headers.emplace_back("Access-Control-Allow-Origin", *request.header("origin"));
        response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
        response.headers.emplace_back("Vary", "Origin");
    }
    return response;
}

Result<ChannelName> parse_channel_name(std::string_view text, const Principal& asker) {
    const std::size_t first = text.find('/');
    const std::size_t second = first == std::string_view::npos ? first : text.find('/', first + 1);
    if (second == std::string_view::npos || second + 1 == text.size() || second == first + 1) {
        return Error{Code::invalid_argument,
                     "channel: expected TOKEN/FAMILY/ROW, as in mytoken/CFLongType/10.0.0.1:logs:*"};
    }
    ChannelName name;
    name.token = text.substr(0, first);
    name.family = text.substr(first + 1, second - first - 1);
    name.row = text.substr(second + 1);
    if (name.row.size() > kMaxRowKeyBytes)
        return Error{Code::invalid_argument, "channel: the row's key is too long"};
    // Without credentials there is one asker only, who may call himself as he likes.
    const bool is_own = name.token.empty() || asker.token.empty() || name.token == asker.token;
    if (!is_own && (asker.roles & role_admin) == 0)
        return Error{Code::invalid_argument, "channel: its token is not the one of your credentials"};
    return name;
}

}  // namespace nmstore::server
