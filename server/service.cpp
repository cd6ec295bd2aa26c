#include "server/service.h"

#include "server/error_answer.h"
#include "server/log.h"
#include "server/request_authorization.h"

namespace nmstore::server {

namespace {

Response unauthorized(const Request& request) {
    Response response =
        error_answer(error_shape(request.target), 401, "unauthorized",
                     "the credentials are missing or wrong: send TOKEN:ACCOUNT as Basic or Bearer");
    response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"nm-store\", charset=\"UTF-8\"");
    return response;
}

std::string address_of(const std::string& peer) {
    return peer.substr(0, peer.rfind(':'));
}

}  // namespace

Service::Service(const Router& router, const CredentialSource& credentials, Metrics& metrics)
    : router_(router), credentials_(credentials), metrics_(metrics) {}

Service::Admission Service::admit(Request& request) const {
    Admission admission;
    const ErrorShape shape = error_shape(request.target);
    const Router::Match match = router_.find(request.method, request.path);
    if (match.route == nullptr) {
        if (match.allowed.empty()) {
            admission.refusal = error_answer(shape, 404, "not_found", "there is no such path");
        } else if (request.method == Method::options) {
            admission.refusal.emplace();
            admission.refusal->status = 204;
            admission.refusal->headers.emplace_back("Allow", match.allowed);
        } else {
            admission.refusal =
                error_answer(shape, 405, "method_not_allowed", "this path takes " + match.allowed);
            admission.refusal->headers.emplace_back("Allow", match.allowed);
        }
        return admission;
    }
    const Route& route = *match.route;
    const auto credentials = credentials_.get();
    if (credentials->empty()) {
        request.principal = Principal{"", role_all};
    } else if (route.role_of(request) != role_none) {
        auto known = credentials->recall(authorization_of(request));
        if (known) {
            admission.refusal = judge(route, request, std::move(*known));
        } else if (is_guessing(address_of(request.peer))) {
            metrics_.limit_hit("auth_failures");
            admission.refusal = error_answer(shape, 429, "too_many_failures",
                                             "too many wrong credentials from this address: wait a minute");
            admission.refusal->headers.emplace_back("Retry-After",
                                                    std::to_string(kAuthFailureWindow.count()));
        } else {
            admission.must_verify = true;
        }
    }
    if (!admission.refusal) admission.route = &route;
    return admission;
}

std::optional<Response> Service::verify(const Route& route, Request& request) const {
    return judge(route, request, credentials_.get()->check(authorization_of(request)));
}

std::optional<Response> Service::judge(const Route& route, Request& request, Principal principal) const {
    request.principal = std::move(principal);
    if (request.principal.roles == role_none) {
        metrics_.auth_failures.fetch_add(1, std::memory_order_relaxed);
        // A request without credentials guesses nothing.
        if (!authorization_of(request).empty()) {
            note_failure(address_of(request.peer));
            log_event(LogLevel::warning, "credentials refused",
                      {{"peer", request.peer}, {"route", route.pattern}});
        }
        return unauthorized(request);
    }
    const Role role = route.role_of(request);
    if (!request.principal.may(role)) {
        return error_answer(error_shape(request.target), 403, "forbidden",
                            "these credentials lack the role " + std::string(role_name(role)));
    }
    return std::nullopt;
}

bool Service::is_guessing(const std::string& peer) const {
    const std::lock_guard lock(mutex_);
    const auto found = failures_.find(peer);
    if (found == failures_.end()) return false;
    if (std::chrono::steady_clock::now() - found->second.since > kAuthFailureWindow) {
        failures_.erase(found);
        return false;
    }
    return found->second.count >= kMaxAuthFailures;
}

void Service::note_failure(const std::string& peer) const {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    // So many peers at once are no longer told apart; starting anew keeps the memory bounded.
    if (failures_.size() >= kMaxWatchedPeers && failures_.count(peer) == 0) failures_.clear();
    Failures& failures = failures_[peer];
    if (failures.count == 0 || now - failures.since > kAuthFailureWindow) failures = {0, now};
    ++failures.count;
}

void Service::serve(const Route& route, Exchange& exchange, const std::string& request_id) const {
    Response response = run(route, exchange.request, request_id);
    if (!response.stream || exchange.request.method == Method::head) {
        exchange.answer(std::move(response));
        return;
    }
    const auto stream = std::move(response.stream);
    response.stream = nullptr;
    exchange.begin_stream(std::move(response));
    exchange.end_stream(run_stream(route, exchange, stream, request_id));
}

Response Service::run(const Route& route, Request& request, const std::string& request_id) const {
    std::string why;
    try {
        return route.handler(request);
    } catch (const std::exception& e) {
        why = e.what();
    } catch (...) {
        why = "not a std::exception";
    }
    tell_failure(route, request, request_id, why);
    return error_answer(error_shape(request.target), 500, "internal",
                        "the server failed to answer; its log has more under request " + request_id);
}

bool Service::run_stream(const Route& route, Exchange& exchange,
                         const std::function<void(BodyWriter&)>& stream,
                         const std::string& request_id) const {
    std::string why;
    try {
        stream(exchange);
        return true;
    } catch (const std::exception& e) {
        why = e.what();
    } catch (...) {
        why = "not a std::exception";
    }
    tell_failure(route, exchange.request, request_id, why);
    return false;
}

void Service::tell_failure(const Route& route, const Request& request, const std::string& request_id,
                           const std::string& why) const {
    metrics_.handler_exceptions.fetch_add(1, std::memory_order_relaxed);
    log_event(LogLevel::error, "handler failed",
              {{"request", request_id}, {"route", route.pattern}, {"peer", request.peer}, {"why", why}});
}

}  // namespace nmstore::server
