#include "server/page_asset.h"

#include <algorithm>

#include "server/error_answer.h"

namespace nmstore::server {

namespace {

// The page runs its own script and style sheet, speaks to its own server, and is no part of another page.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// Calls `use` with each part between commas until it says true; whether it did.
template <typename Use>
bool any_part(std::string_view list, Use use) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (use(trim(list.substr(0, comma)))) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

bool same_word(std::string_view a, std::string_view lower_case) {
    return std::equal(a.begin(), a.end(), lower_case.begin(), lower_case.end(), [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
    });
}

// "q=0", in any of its forms, is a refusal.
bool is_refusal(std::string_view parameter) {
    parameter = trim(parameter);
    if (parameter.substr(0, 2) != "q=" && parameter.substr(0, 2) != "Q=") return false;
    return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

bool takes_gzip(const Request& request) {
    return any_part(request.header("accept-encoding").value_or(""), [](std::string_view part) {
        const std::size_t mark = std::min(part.find(';'), part.size());
        const std::string_view name = trim(part.substr(0, mark));
        const std::string_view rest = part.substr(std::min(mark + 1, part.size()));
        return (same_word(name, "gzip") || same_word(name, "x-gzip")) && !is_refusal(rest);
    });
}

// Whether the reader's If-None-Match names this version (the comparison is the weak one, as for all GETs).
bool has_it_already(const Request& request, std::string_view quoted_tag) {
    return any_part(request.header("if-none-match").value_or(""), [&](std::string_view part) {
        if (part.substr(0, 2) == "W/") part.remove_prefix(2);
        return part == "*" || part == quoted_tag;
    });
}

void add_safety(Response& response) {
    response.headers.emplace_back("Content-Security-Policy", kPolicy);
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

bool is_index(const ui::PageFile& file) {
    return file.name == "index.html";
}

}  // namespace

Response page_file(const Request& request, const ui::PageFile& file) {
    const bool packed = takes_gzip(request);
    // The packed form is another representation, and so has a tag of its own.
    const std::string tag = '"' + std::string(file.tag) + (packed ? "-gzip\"" : "\"");
    Response response;
    response.headers.emplace_back("ETag", tag);
    response.headers.emplace_back("Vary", "Accept-Encoding");
    // The name of an asset changes with its bytes. The index must be asked for each time, or a new version of
    // the server would show the old page.
    response.headers.emplace_back("Cache-Control",
                                  is_index(file) ? "no-cache" : "public, max-age=31536000, immutable");
    add_safety(response);
    if (has_it_already(request, tag)) {
        response.status = 304;
        return response;
    }
    response.content_type = file.content_type;
    if (packed) response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = packed ? file.packed : file.bytes;
    return response;
}

Response page_index(const Request& request) {
    const auto files = ui::page_files();
    if (!files.empty()) return page_file(request, files.front());
    Response response;
    response.content_type = "text/plain; charset=utf-8";
    response.headers.emplace_back("Cache-Control", "no-cache");
    response.body =
        "nm-stored " NM_VERSION " was built without its web page; docs/api.md describes its HTTP API\n";
    add_safety(response);
    return response;
}

Response page_asset(const Request& request) {
    const auto files = ui::page_files();
    const std::string name = "assets/" + request.path.at(1);
    const auto file =
        std::find_if(files.begin(), files.end(), [&](const ui::PageFile& each) { return each.name == name; });
    if (file != files.end()) return page_file(request, *file);
    return error_answer(error_shape(request.target), 404, "not_found", "there is no such file");
}

}  // namespace nmstore::server
