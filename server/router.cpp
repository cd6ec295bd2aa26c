#include "server/router.h"

#include <algorithm>

namespace nmstore::server {

namespace {

// "/a/{b}" -> {"a", "{b}"}.
std::vector<std::string> split_pattern(std::string_view pattern) {
    std::vector<std::string> segments;
    std::size_t begin = 1;  // behind the leading '/'
    while (begin <= pattern.size()) {
        const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
        segments.emplace_back(pattern.substr(begin, end - begin));
        begin = end + 1;
    }
    return segments;
}

bool is_placeholder(std::string_view segment) {
    return segment.size() >= 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

bool Router::Entry::fits(const std::vector<std::string>& path) const {
    if (path.size() != segments.size()) return false;
    for (std::size_t i = 0; i < path.size(); ++i) {
        // An empty segment is no name: "DELETE /DATA/cf/" must not be taken for a call on a row or a family.
        if (is_placeholder(segments[i]) ? path[i].empty() : path[i] != segments[i]) return false;
    }
    return true;
}

std::size_t Router::Entry::literals() const {
    return static_cast<std::size_t>(std::count_if(segments.begin(), segments.end(),
                                                  [](const std::string& s) { return !is_placeholder(s); }));
}

void Router::add(std::vector<Route> routes) {
    for (Route& route : routes) {
        auto entry = std::make_unique<Entry>();
        entry->segments = split_pattern(route.pattern);
        entry->route = std::move(route);
        entries_.push_back(std::move(entry));
    }
    // More literal segments first, so that "/rows/all" wins over "/rows/{name}" whoever was added first.
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const auto& a, const auto& b) { return a->literals() > b->literals(); });
}

Router::Match Router::find(Method method, const std::vector<std::string>& path) const {
    Match match;
    const Method wanted = method == Method::head ? Method::get : method;
    std::vector<Method> methods;
    for (const auto& entry : entries_) {
        if (!entry->fits(path)) continue;
        if (entry->route.method == wanted) {
            match.route = &entry->route;
            match.allowed.clear();
            return match;
        }
        if (std::find(methods.begin(), methods.end(), entry->route.method) == methods.end()) {
            methods.push_back(entry->route.method);
        }
    }
    std::sort(methods.begin(), methods.end());
    for (const Method allowed : methods) {
        if (!match.allowed.empty()) match.allowed += ", ";
        match.allowed += method_name(allowed);
        if (allowed == Method::get) match.allowed += ", HEAD";
    }
    return match;
}

}  // namespace nmstore::server
