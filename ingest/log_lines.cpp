#include "ingest/log_lines.h"

#include <algorithm>

#include "engine/json_string.h"
#include "ingest/body.h"
#include "ingest/json_object.h"
#include "ingest/json_text.h"
#include "nmstore/value_type.h"

namespace nmstore::ingest {
namespace {

// Objects that span lines are looked for by going on to their last bracket. After so many times the body's
// size gone over in vain, objects are looked for on their own line only: a body of broken lines stays linear.
constexpr std::size_t kMaxVainPasses = 2;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Whether it is the line that is wrong, and not the store or the request.
bool is_fault_of_line(const Error& error) {
    return error.code == Code::invalid_argument;
}

void reject(LineReport& report, std::uint64_t line, std::string reason) {
    ++report.rejected;
    if (report.errors.size() < kMaxReportedErrors) report.errors.push_back({line, std::move(reason)});
}

Error batch_full() {
    return {Code::too_large, "the request makes more than " + std::to_string(kMaxBatchBytes) +
                                 " bytes in the store: send the rest in another"};
}

// Appends `text` as one line for each '\n' in it, a last one without included.
Result<void> append_lines(NewLine line, std::string_view text, LineBatch& batch, std::uint64_t& accepted) {
    while (true) {
        const std::size_t end = text.find('\n');
        line.text = text.substr(0, end);
        if (!line.text.empty() && line.text.back() == '\r') line.text.remove_suffix(1);
        if (batch.bytes() > kMaxBatchBytes) return batch_full();
        NM_TRY(batch.append(line));
        ++accepted;
        if (end == std::string_view::npos || end + 1 == text.size()) return {};
        text.remove_prefix(end + 1);
    }
}

// Turns the members of one JSON object into a line.
class ObjectLine {
  public:
    ObjectLine(const LogFields& fields, LineBatch& batch) : fields_(fields), batch_(batch) {}

    // The object that the padded `body` begins with, if it is of the kind that is read quickly; `size`: of
    // it.
    bool read_flat(std::string_view body, std::size_t& size) {
        was_object_ = reader_.read_flat(body, size);
        return was_object_;
    }
    // `text`: the object as it stands, padded.
    Result<void> read(std::string_view text) {
        was_object_ = false;
        NM_TRY(reader_.read(text));
        was_object_ = true;
        return {};
    }
    // What has been read; `text` as it stands.
    Result<void> append(std::string_view text, std::uint64_t& accepted) {
        taken_.assign(reader_.members().size(), false);
        NewLine line;
        line.time_ms = fields_.now_ms;
        NM_TRY(take_time(line.time_ms));
        NM_ASSIGN(line.client, take_name(fields_.client_fields, fields_.client, client_));
        if (line.client.empty()) return missing("client", fields_.client_fields);
        NM_ASSIGN(line.log, take_name(fields_.log_fields, fields_.log, log_));
        if (line.log.empty()) return missing("log", fields_.log_fields);
        NM_ASSIGN(const std::string_view content, take_content(text, line.fields));
        return append_lines(line, content, batch_, accepted);
    }

    // Whether what was to be read last could be read at all.
    bool was_object() const { return was_object_; }

  private:
    using Kind = JsonMember::Kind;

    static Error wrong(std::string message) { return {Code::invalid_argument, std::move(message)}; }

    static Error missing(std::string_view what, const std::vector<std::string>& names) {
        std::string message = "has no " + std::string(what) + ": neither the parameter nor a field";
        for (const auto& name : names) message += ' ' + printable(name);
        return wrong(std::move(message));
    }

    // The first member with one of the names, tried in order, that `fits`; null members count as absent.
    template <class Fits>
    const JsonMember* take(const std::vector<std::string>& names, Fits fits) {
        const auto& members = reader_.members();
        for (const auto& name : names) {
            for (std::size_t i = members.size(); i-- > 0;) {  // of two with the same name the last counts
                if (taken_[i] || members[i].name != name || !fits(members[i])) continue;
                taken_[i] = true;
                return &members[i];
            }
        }
        return nullptr;
    }

    static Result<std::string_view> text_of(const JsonMember& member, std::string& scratch) {
        if (!member.escaped) return member.raw;
        if (!decode_json_string(member.raw, scratch))
            return wrong("is no JSON: a string holds an unknown escape");
        return std::string_view(scratch);
    }

    Result<void> take_time(std::int64_t& time_ms) {
        const JsonMember* const member =
            take(fields_.time_fields, [](const JsonMember& m) { return m.kind != Kind::null; });
        if (member == nullptr) return {};
        const bool may_be_time = member->kind == Kind::text || member->kind == Kind::number;
        NM_ASSIGN(const std::string_view text, text_of(*member, scratch_));
        const auto parsed = may_be_time ? parse_timestamp_ms(text) : std::nullopt;
        if (!parsed) {
            return wrong("field " + printable(member->name) + " is no time: " + printable(text) +
                         " (RFC 3339, or a number of s, ms, us or ns since 1970)");
        }
        time_ms = *parsed;
        return {};
    }

    // A client or a log: a text or number that is not empty, else the parameter.
    Result<std::string_view> take_name(const std::vector<std::string>& names, const std::string& parameter,
                                       std::string& scratch) {
        const JsonMember* const member = take(names, [](const JsonMember& m) {
            return (m.kind == Kind::text && !m.raw.empty()) || m.kind == Kind::number;
        });
        if (member == nullptr) return std::string_view(parameter);
        return text_of(*member, scratch);
    }

    // The line's text, and as JSON in `fields` what else the object holds.
    Result<std::string_view> take_content(std::string_view text, std::string_view& fields) {
        const JsonMember* const member =
            take(fields_.line_fields, [](const JsonMember& m) { return m.kind != Kind::null; });
        if (member == nullptr) return whole_object(text);
        NM_TRY(write_fields());
        fields = other_fields_;
        if (member->kind != Kind::nested) return text_of(*member, content_);
        content_.clear();
        if (!append_compact_json(member->raw, content_))
            return wrong("is no JSON: field " + printable(member->name));
        return std::string_view(content_);
    }

    Result<std::string_view> whole_object(std::string_view text) {
        content_.clear();
        if (!append_compact_json(text, content_)) return wrong("is no JSON, or nested too deeply");
        return text.find('\n') == std::string_view::npos ? text : std::string_view(content_);
    }

    Result<void> write_fields() {
        other_fields_.clear();
        for (std::size_t i = 0; i < taken_.size(); ++i) {
            if (taken_[i]) continue;
            const JsonMember& member = reader_.members()[i];
            other_fields_ += other_fields_.empty() ? "{\"" : ",\"";
            other_fields_ += member.raw_name;
            other_fields_ += "\":";
            if (!append_value(member)) return wrong("is no JSON: field " + printable(member.name));
        }
        if (!other_fields_.empty()) other_fields_ += '}';
        return {};
    }

    bool append_value(const JsonMember& member) {
        if (member.kind == Kind::nested) return append_compact_json(member.raw, other_fields_);
        if (member.kind != Kind::text) {
            other_fields_ += member.raw;
            return true;
        }
        // Without a backslash there is nothing in a string that the parser has not seen to.
        if (member.escaped && !decode_json_string(member.raw, scratch_)) return false;
        other_fields_ += '"';
        other_fields_ += member.raw;
        other_fields_ += '"';
        return true;
    }

    const LogFields& fields_;
    LineBatch& batch_;
    JsonObjectReader reader_;
    bool was_object_ = false;
    std::vector<bool> taken_;
    std::string client_, log_, content_, other_fields_, scratch_;
};

// Walks the objects of a body: one a line, one after another, or in one array.
class JsonBody {
  public:
    JsonBody(std::string_view body, const LogFields& fields, LineBatch& batch)
        : body_(body), line_(fields, batch) {}

    LineReport run() {
        if (body_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
        skip_blanks();
        if (at_ < body_.size() && body_[at_] == '[') {
            in_array_ = true;
            ++at_;
        }
        for (skip_separators(); at_ < body_.size() && !report_.fault; skip_separators()) {
            if (in_array_ && body_[at_] == ']') {
                in_array_ = false;
                elements_ = 0;
                ++at_;
                continue;
            }
            if (in_array_) ++elements_;
            if (body_[at_] == '{') {
                object();
            } else {
                reject_here("is no JSON object");
                skip_other();
            }
        }
        if (in_array_ && !report_.fault) {
            elements_ = 0;
            reject_here("the array does not end");
        }
        return std::move(report_);
    }

  private:
    void skip_blanks() {
        while (at_ < body_.size() && is_json_blank(body_[at_])) ++at_;
    }
    void skip_separators() {
        while (at_ < body_.size() && (is_json_blank(body_[at_]) || (in_array_ && body_[at_] == ','))) ++at_;
    }
    std::size_t line_end() const { return std::min(body_.find('\n', at_), body_.size()); }

    void reject_here(std::string reason) {
        line_number_ +=
            static_cast<std::uint64_t>(std::count(body_.data() + counted_, body_.data() + at_, '\n'));
        counted_ = at_;
        if (elements_ > 0) reason = "object " + std::to_string(elements_) + " of the array: " + reason;
        reject(report_, line_number_, std::move(reason));
    }

    // Appends the object, if it could be `read`. false: the batch cannot go on.
    bool append(const Result<void>& read, std::size_t end) {
        const Result<void> appended =
            read.ok() ? line_.append(body_.substr(at_, end - at_), report_.accepted) : read;
        if (appended.ok()) return true;
        if (!is_fault_of_line(appended.error())) {
            report_.fault = appended.error();
            return false;
        }
        reject_here(appended.error().message);
        return true;
    }

    void object() {
        std::size_t size = 0;
        if (line_.read_flat(body_.substr(at_), size)) {
            if (append({}, at_ + size)) at_ += size;
            return;
        }
        const bool own_line_only = vain_ > kMaxVainPasses * body_.size();
        std::size_t end = 0;
        const Extent extent = find_extent(own_line_only ? body_.substr(0, line_end()) : body_, at_, end);
        if (extent != Extent::whole) {
            reject_here(extent == Extent::open ? "the JSON object does not end" : "is nested too deeply");
            pass_over_line(end);
            return;
        }
        if (!append(line_.read(body_.substr(at_, end - at_)), end)) return;
        // The brackets of a broken object may have taken in the lines that follow: these are given their own
        // chance.
        if (line_.was_object() || end <= line_end()) {
            at_ = end;
        } else {
            pass_over_line(end);
        }
    }

    // Goes on behind this line, whatever lies between it and `seen`, up to where an object was looked for.
    void pass_over_line(std::size_t seen) {
        const std::size_t next = line_end();
        if (seen > next) vain_ += seen - next;
        at_ = next;
    }

    // Something that is no object: in an array up to the next element, else the rest of the line.
    void skip_other() {
        std::size_t end = 0;
        if (!in_array_) {
            at_ = line_end();
        } else if (body_[at_] == '[' && find_extent(body_.substr(0, line_end()), at_, end) == Extent::whole) {
            at_ = end;
        } else if (body_[at_] == '"') {
            const std::size_t line = line_end();
            at_ = std::min(find_string_end(body_.substr(0, line), at_ + 1), line - 1) + 1;
        } else {
            at_ = std::min(body_.find_first_of(",]\n", at_ + 1), body_.size());
        }
    }

    std::string_view body_;
    ObjectLine line_;
    LineReport report_;
    std::size_t at_ = 0;
    bool in_array_ = false;
    std::uint64_t elements_ = 0;
    std::uint64_t line_number_ = 1;
    std::size_t counted_ = 0;  // line_number_ is that of this place
    std::size_t vain_ = 0;
};

}  // namespace

LineReport decode_json_lines(const std::string& padded_body, const LogFields& fields, LineBatch& batch) {
    if (padded_body.capacity() - padded_body.size() >= kBodyPadding)
        return JsonBody(padded_body, fields, batch).run();
    std::string padded = padded_body;
    pad_body(padded);
    return JsonBody(padded, fields, batch).run();
}

LineReport decode_text_lines(std::string_view body, const LogFields& fields, LineBatch& batch) {
    LineReport report;
    const NewLine line{fields.client, fields.log, fields.now_ms, {}, {}};
    const std::string_view missing = fields.client.empty() ? "has no client: give the parameter"
                                     : fields.log.empty()  ? "has no log: give the parameter"
                                                           : "";
    for (std::uint64_t number = 1; !body.empty(); ++number) {
        const std::size_t end = std::min(body.find('\n'), body.size());
        if (!missing.empty()) {
            reject(report, number, std::string(missing));
        } else if (auto appended = append_lines(line, body.substr(0, end), batch, report.accepted);
                   !appended.ok()) {
            if (!is_fault_of_line(appended.error())) {
                report.fault = appended.error();
                return report;
            }
            reject(report, number, appended.error().message);
        }
        body.remove_prefix(std::min(end + 1, body.size()));
    }
    return report;
}

}  // namespace nmstore::ingest
