#include "server/page_asset.h"

#include <algorithm>

#include "tests/catch.h"

using namespace nmstore::server;
using nmstore::ui::PageFile;

namespace {

constexpr PageFile kIndex{"index.html", "text/html; charset=utf-8", "abc", "plain index", "packed index"};
constexpr PageFile kScript{"assets/app-1.js", "text/javascript; charset=utf-8", "def", "plain script",
                           "packed script"};

std::string field(const Response& response, std::string_view name) {
    const auto found = std::find_if(response.headers.begin(), response.headers.end(),
                                    [&](const auto& header) { return header.first == name; });
    return found == response.headers.end() ? "" : found->second;
}

Response ask(const PageFile& file, std::vector<std::pair<std::string, std::string>> headers) {
    Request request;
    request.headers = std::move(headers);
    return page_file(request, file);
}

}  // namespace

TEST_CASE("a file of the page is packed for those who take gzip", "[page]") {
    struct Row {
        std::string accept;
        bool packed;
    };
    const Row rows[] = {
        {"gzip", true},
        {"br, gzip", true},
        {"x-GZip", true},
        {" gzip ; q=0.5 ", true},
        {"gzip;q=0.001", true},
        {"gzip;q=0", false},
        {"gzip;q=0.0", false},
        {"", false},
        {"gzipped, ungzip", false},
        {",,", false},
        {"deflate;q=1", false},
    };
    for (const Row& row : rows) {
        INFO(row.accept);
        const Response response = ask(kScript, {{"accept-encoding", row.accept}});
        CHECK(response.status == 200);
        CHECK(response.content_type == kScript.content_type);
        CHECK(response.body == (row.packed ? kScript.packed : kScript.bytes));
        CHECK(field(response, "Content-Encoding") == (row.packed ? "gzip" : ""));
        CHECK(field(response, "ETag") == (row.packed ? "\"def-gzip\"" : "\"def\""));
        CHECK(field(response, "Vary") == "Accept-Encoding");
    }
    CHECK(ask(kScript, {}).body == kScript.bytes);
}

TEST_CASE("a file that the reader has is not sent again", "[page]") {
    struct Row {
        std::string known, accept;
        int status;
    };
    const Row rows[] = {
        {"\"abc\"", "", 304},          {"W/\"abc\"", "", 304},
        {"\"x\" , \"abc\"", "", 304},  {"*", "", 304},
        {"\"abc-gzip\"", "gzip", 304}, {"\"abc\"", "gzip", 200},
        {"\"abc-gzip\"", "", 200},     {"abc", "", 200},
        {"\"abcd\"", "", 200},         {"", "", 200},
    };
    for (const Row& row : rows) {
        INFO(row.known << " " << row.accept);
        const Response response =
            ask(kIndex, {{"if-none-match", row.known}, {"accept-encoding", row.accept}});
        CHECK(response.status == row.status);
        CHECK(response.body.empty() == (row.status == 304));
        CHECK(!field(response, "ETag").empty());
    }
}

TEST_CASE("only what has a hash in its name is kept without asking", "[page]") {
    CHECK(field(ask(kIndex, {}), "Cache-Control") == "no-cache");
    CHECK(field(ask(kScript, {}), "Cache-Control") == "public, max-age=31536000, immutable");
}

TEST_CASE("there is an index page, or a word that there is none", "[page]") {
    Request request;
    const Response response = page_index(request);
    CHECK(response.status == 200);
    CHECK(!response.body.empty());
    CHECK(field(response, "Content-Security-Policy").find("default-src 'none'") == 0);
    request.path = {"assets", "nothing.js"};
    CHECK(page_asset(request).status == 404);
}
