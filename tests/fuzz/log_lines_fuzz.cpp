// Bodies of lines: whatever stands in them, the good line behind it is kept, and what is kept is well formed.
#include "ingest/log_lines.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "ingest/body.h"
#include "nmstore/value_type.h"
#include "tests/ingest/fake_batches.h"

namespace {

using namespace nmstore;
using namespace nmstore::ingest;
using nmstore::testing::FakeLineBatch;

void check_fields(const std::string& fields) {
    if (fields.empty()) return;
    // The other parser refuses lone surrogates and numbers beyond a double.
    if (fields.find("\\u") != std::string::npos || fields.find_first_of("eE") != std::string::npos) return;
    const auto parsed = nlohmann::json::parse(fields, nullptr, false);
    NM_CHECK(parsed.is_object() && fields.find('\n') == std::string::npos);
}

FakeLineBatch decode(std::string body, const LogFields& fields) {
    FakeLineBatch batch;
    pad_body(body);
    const auto report = decode_json_lines(body, fields, batch);
    NM_CHECK(report.accepted == batch.lines.size() && report.errors.size() <= report.rejected);
    for (const auto& error : report.errors) NM_CHECK(error.line >= 1 && !error.reason.empty());
    return batch;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string body(reinterpret_cast<const char*>(data), size);
    LogFields fields;
    fields.client = "client";
    fields.log = "log";
    fields.now_ms = 1'700'000'000'000;

    const auto alone = decode(body, fields);
    for (const auto& line : alone.lines) {
        NM_CHECK(!line.client.empty() && !line.log.empty());
        NM_CHECK(line.text.find('\n') == std::string::npos);
        check_fields(line.fields);
    }
    const auto followed = decode(body + "\n{\"_msg\":\"behind it\"}\n", fields);
    NM_CHECK(followed.lines.size() == alone.lines.size() + 1 && followed.lines.back().text == "behind it");

    const auto object = nlohmann::json::parse(body, nullptr, false);
    if (object.is_object() && object.contains("_msg") && object["_msg"].is_string() &&
        alone.lines.size() == 1) {
        std::string expected = object["_msg"].get<std::string>();
        while (!expected.empty() && (expected.back() == '\n' || expected.back() == '\r')) expected.pop_back();
        std::string text = alone.lines[0].text;
        while (!text.empty() && text.back() == '\r') text.pop_back();
        NM_CHECK(text == expected);
    }

    FakeLineBatch plain;
    const auto report = decode_text_lines(body, fields, plain);
    NM_CHECK(report.rejected == 0 && report.accepted == plain.lines.size());
    std::string joined;
    for (const auto& line : plain.lines) joined += line.text + '\n';
    std::string expected;
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (body[i] == '\r' && (i + 1 == body.size() || body[i + 1] == '\n')) continue;
        expected += body[i];
    }
    if (!body.empty() && body.back() != '\n') expected += '\n';
    NM_CHECK(joined == expected);
    return 0;
}
