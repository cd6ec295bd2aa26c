#include "tools/shipper.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "nmstore/clock.h"
#include "tools/interruption.h"
#include "tools/line_time.h"

namespace nmstore::tools {
namespace {

constexpr std::int64_t kScanEveryMs = 2000;
constexpr std::int64_t kNapMs = 50;

std::int64_t steady_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::string absolute(const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
}

}  // namespace

Shipper::Shipper(ShipperOptions options, StateFile& state, ShipDelivery delivery, Remark remark,
                 std::function<void(const ShipCounts&)> told)
    : options_(std::move(options)),
      file_(state),
      delivery_(std::move(delivery)),
      remark_(std::move(remark)),
      told_(std::move(told)),
      batch_(options_.batch) {
    if (!options_.directory.directory.empty())
        options_.directory.directory = absolute(options_.directory.directory);
}

void Shipper::add_follower(const std::string& path, std::vector<FilePlace> known) {
    followers_[path] = std::make_unique<LogFollower>(path, std::move(known), owners_, remark_);
}

Result<void> Shipper::begin() {
    NM_ASSIGN(state_, file_.load());
    auto in_flight = file_.load_in_flight(state_);
    if (!in_flight.ok() && in_flight.error().code == Code::corruption) {
        remark_(in_flight.error().message);
        ++state_.sequence;
        NM_TRY(file_.save(state_));
    } else if (!in_flight.ok()) {
        return in_flight.error();
    } else if (*in_flight) {
        NM_TRY(deliver(**in_flight, true));
    }
    std::map<std::string, std::vector<FilePlace>> known;
    for (const FilePlace& place : state_.places) known[place.path].push_back(place);
    std::vector<std::string> paths;
    for (const std::string& file : options_.files) paths.push_back(absolute(file));
    if (!options_.directory.directory.empty()) {
        NM_ASSIGN(const std::vector<std::string> found, find_logs(options_.directory));
        paths.insert(paths.end(), found.begin(), found.end());
        // Logs that were followed here and whose name is gone may have been rotated a moment ago.
        for (const auto& [path, places] : known) {
            if (path.starts_with(options_.directory.directory + "/")) paths.push_back(path);
        }
    }
    for (const std::string& path : paths) {
        if (!followers_.contains(path)) add_follower(path, known[path]);
    }
    for (const FilePlace& place : state_.places) {
        if (!followers_.contains(place.path)) others_.push_back(place);
    }
    for (auto& [path, follower] : followers_) {
        follower->resume();
        std::error_code error;
        const std::uintmax_t size = std::filesystem::file_size(path, error);
        std::uint64_t read = 0;
        for (const FilePlace& place : follower->places()) read += place.settled ? 0 : place.offset;
        if (!error && size > read) counts_.bytes_ahead += size - read;
    }
    next_scan_ms_ = steady_ms() + kScanEveryMs;
    return {};
}

// New files of the directory; a state's places that nobody follows any more are dropped with the next save.
void Shipper::scan() {
    if (options_.directory.directory.empty() || steady_ms() < next_scan_ms_) return;
    next_scan_ms_ = steady_ms() + kScanEveryMs;
    const auto found = find_logs(options_.directory);
    if (!found.ok()) return;  // the directory may come back
    for (const std::string& path : found.value()) {
        if (followers_.contains(path)) continue;
        const std::filesystem::path file(path);
        const std::string base = rotated_base(file.filename().string());
        if (!base.empty() && followers_.contains((file.parent_path() / base).string())) continue;
        add_follower(path, {});
        followers_[path]->resume();
    }
    drop_gone();
}

void Shipper::drop_gone() {
    std::erase_if(followers_, [&](const auto& each) {
        if (!each.second->gone() || !each.second->places().empty() || std::filesystem::exists(each.first))
            return false;
        return std::none_of(options_.files.begin(), options_.files.end(),
                            [&](const auto& file) { return absolute(file) == each.first; });
    });
}

bool Shipper::take(const ReadLine& line) {
    std::string_view text = line.text;
    if (text.ends_with('\r')) text.remove_suffix(1);
    std::optional<std::int64_t> time_ms;
    if (options_.parse_times) {
        time_ms = parse_line_time(text, system_clock().now_ms());
        if (!time_ms && line.time_ms != 0)
            time_ms = line.time_ms;  // what follows belongs to the line before it
    }
    if (!batch_.add(options_.log.empty() ? line.path : options_.log, text, time_ms)) return false;
    if (time_ms) line.time_ms = *time_ms;
    counts_.bytes += line.text.size() + 1;
    if (batch_since_ms_ < 0) batch_since_ms_ = steady_ms();
    return true;
}

// Files seen for the first time are known from now on, even if this process is killed before it has sent a
// line of theirs.
Result<void> Shipper::keep_opened() {
    bool any = false;
    for (auto& [path, follower] : followers_) {
        for (FilePlace& place : follower->take_opened()) {
            state_.places.push_back(std::move(place));
            any = true;
        }
    }
    return any ? file_.save(state_) : Result<void>();
}

// One round over all logs, beginning behind the one at which the batch was full the last time.
Shipper::Round Shipper::read_all() {
    Round round;
    const std::int64_t now_ms = steady_ms();
    const auto take_line = [&](const ReadLine& line) {
        const bool taken = take(line);
        round.any = round.any || taken;
        return taken;
    };
    auto each = followers_.lower_bound(next_path_);
    for (std::size_t i = 0; i < followers_.size() && !round.full; ++i) {
        if (each == followers_.end()) each = followers_.begin();
        auto& [path, follower] = *each;
        ++each;
        if (finished_.contains(path)) continue;
        const auto end = follower->poll(now_ms, options_.once, take_line);
        if (!end.ok() && told_unread_.insert(path).second) remark_(path + ": " + end.error().message);
        round.full = end.ok() && end.value() == ReadEnd::refused;
        if (options_.once && !round.full) finished_.insert(path);
    }
    next_path_ = each == followers_.end() ? "" : each->first;
    return round;
}

std::vector<FilePlace> Shipper::places() const {
    std::vector<FilePlace> out;
    for (const auto& [path, follower] : followers_) {
        const auto places = follower->places();
        out.insert(out.end(), places.begin(), places.end());
    }
    out.insert(out.end(), others_.begin(), others_.end());
    return out;
}

Result<void> Shipper::send_batch() {
    if (batch_.empty()) return {};
    InFlight in_flight;
    in_flight.after = {state_.source, state_.sequence + 1, places()};
    in_flight.batch.sequence = state_.sequence + 1;
    in_flight.batch.client = options_.client;
    in_flight.batch.encoding = packing_name(options_.packing);
    in_flight.batch.lines = batch_.lines();
    NM_ASSIGN(in_flight.batch.body, pack(batch_.body(), options_.packing));
    batch_.clear();
    batch_since_ms_ = -1;
    NM_TRY(file_.save_in_flight(in_flight));
    return deliver(in_flight, false);
}

Result<void> Shipper::deliver(const InFlight& in_flight, bool may_have_been_sent) {
    NM_ASSIGN(const Delivered delivered,
              delivery_.deliver(in_flight.after.source, in_flight.batch, may_have_been_sent));
    state_ = in_flight.after;
    NM_TRY(file_.save(state_));
    counts_.lines += delivered.repeated ? in_flight.batch.lines : delivered.accepted;
    counts_.rejected += delivered.rejected;
    ++counts_.batches;
    if (delivered.rejected > 0) {
        remark_(std::to_string(delivered.rejected) +
                " lines were rejected by the server: " + delivered.first_reason);
    }
    if (told_) told_(counts_);
    return {};
}

void Shipper::wait() const {
    const std::int64_t until_ms = steady_ms() + options_.poll_ms;
    while (!interrupted() && steady_ms() < until_ms)
        std::this_thread::sleep_for(std::chrono::milliseconds(kNapMs));
}

Result<void> Shipper::run() {
    NM_TRY(begin());
    while (true) {
        const bool stopping = interrupted();
        scan();
        const Round round = read_all();
        NM_TRY(keep_opened());
        const bool waited = batch_since_ms_ >= 0 && steady_ms() - batch_since_ms_ >= options_.batch_delay_ms;
        if (round.full || waited || options_.once || stopping) NM_TRY(send_batch());
        if (stopping || (options_.once && !round.full)) break;
        if (!round.full) wait();
    }
    // Also what was found out without a line to send: files that are gone, read to their ends, or new and
    // empty.
    state_.places = places();
    return file_.save(state_);
}

}  // namespace nmstore::tools
