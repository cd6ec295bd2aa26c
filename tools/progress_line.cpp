#include "tools/progress_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "tools/interruption.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

constexpr std::size_t kBarColumns = 30;
constexpr auto kTerminalInterval = std::chrono::milliseconds(100);
constexpr auto kPlainInterval = std::chrono::seconds(10);

std::size_t columns_of(std::FILE* stream) {
    winsize size{};
    return ::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string amount(std::uint64_t number, std::string_view unit) {
    if (unit != "bytes" || number < 10 * 1024) return std::to_string(number);
    if (number < std::uint64_t{10} << 20) return std::to_string(number >> 10) + " Ki";
    return std::to_string(number >> 20) + " Mi";
}

}  // namespace

std::string progress_text(const ProgressReport& report, std::size_t columns) {
    std::string text;
    const std::string stage = visible_text(report.stage);
    const std::string unit = visible_text(report.unit);
    if (report.total > 0) {
        const std::uint64_t done = std::min(report.done, report.total);
        const double share = static_cast<double>(done) / static_cast<double>(report.total);
        const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarColumns));
        std::string percent = std::to_string(static_cast<int>(share * 100));
        percent.insert(0, 3 - percent.size(), ' ');
        text = "[" + std::string(filled, '=') + std::string(kBarColumns - filled, ' ') + "] " + percent +
               "% " + stage + " " + amount(report.done, unit) + " of " + amount(report.total, unit) + " " +
               unit;
    } else {
        text = stage + " " + amount(report.done, unit) + " " + unit;
    }
    return text.substr(0, columns);
}

ProgressLine::ProgressLine(std::FILE* stream, bool quiet)
    : stream_(stream), quiet_(quiet), terminal_(::isatty(::fileno(stream)) == 1) {}

ProgressLine::~ProgressLine() {
    clear();
}

void ProgressLine::clear() {
    if (drawn_) std::fputs("\r\x1b[K", stream_);
    drawn_ = false;
}

bool ProgressLine::report(const ProgressReport& report) {
    if (interrupted()) return false;
    const auto now = Clock::now();
    const bool new_stage = report.stage != stage_;
    if (quiet_ || (now < next_ && !(new_stage && terminal_))) return true;
    stage_ = report.stage;
    if (terminal_) {
        std::fprintf(stream_, "\r%s\x1b[K", progress_text(report, columns_of(stream_) - 1).c_str());
        std::fflush(stream_);
        drawn_ = true;
        next_ = now + kTerminalInterval;
    } else {
        // The first report comes at once: a plain log needs none of work that is over in a moment.
        if (next_ != Clock::time_point{})
            std::fprintf(stream_, "nm-tool: %s\n", progress_text(report, 200).c_str());
        next_ = now + kPlainInterval;
    }
    return true;
}

Progress ProgressLine::callback() {
    return [this](const ProgressReport& given) { return report(given); };
}

}  // namespace nmstore::tools
