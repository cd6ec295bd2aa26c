#include "tools/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace nmstore::tools {

bool Output::check(bool written) {
    if (!written && errno != EPIPE) failed_ = true;
    return written;
}

bool Output::write(std::string_view text) {
    if (std::ferror(file_) != 0) return false;
    return check(std::fwrite(text.data(), 1, text.size(), file_) == text.size());
}

bool Output::flush() {
    return std::ferror(file_) == 0 && check(std::fflush(file_) == 0);
}

bool Output::reader_is_gone() const {
    pollfd asked{::fileno(file_), 0, 0};
    return ::poll(&asked, 1, 0) == 1 && (asked.revents & (POLLERR | POLLHUP)) != 0;
}

bool Output::is_terminal() const {
    return ::isatty(::fileno(file_)) == 1;
}

}  // namespace nmstore::tools
