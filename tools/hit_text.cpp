#include "tools/hit_text.h"

#include "query/parse.h"
#include "query/time_text.h"
#include "tools/json_text.h"
#include "tools/visible_text.h"

namespace nmstore::tools {

std::string hit_json(const Hit& hit) {
    std::string out = "{\"time\":" + std::to_string(hit.time_ms) + ",\"client\":";
    append_json_string(hit.client, out);
    out += ",\"log\":";
    append_json_string(hit.log, out);
    out += ",\"line\":";
    append_json_string(hit.line, out);
    out += ",\"id\":";
    append_json_string(hit.id, out);
    if (!hit.kind.empty()) out += ",\"kind\":" + json_string(hit.kind);
    if (!hit.fields.empty()) out += ",\"fields\":" + hit.fields;
    if (hit.partial) out += ",\"partial\":true";
    if (!hit.event.empty()) out += ",\"event\":" + json_string(hit.event);
    out += '}';
    return out;
}

std::string hit_text(const Hit& hit, const HitStyle& style) {
    if (style.json) return hit_json(hit);
    std::string text;
    if (style.colored) {
        text = highlighted_text(hit.line, style.highlights);
    } else {
        text = style.escape ? visible_text(hit.line) : hit.line;
    }
    if (style.raw) return text;
    const std::string time = query::format_time(hit.time_ms);
    const std::string from = visible_text(hit.client) + " " + visible_text(hit.log);
    if (!style.colored) return time + " " + from + ": " + text;
    return std::string(kDim) + time + std::string(kPlain) + " " + std::string(kCyan) + from +
           std::string(kPlain) + ": " + text;
}

std::vector<std::string> query_highlights(const std::string& query) {
    const auto parsed = query::parse(query);
    return parsed.ok() ? highlight_texts(*parsed.value().filter) : std::vector<std::string>{};
}

}  // namespace nmstore::tools
