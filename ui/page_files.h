// The bundled page as it lies in the program: see ui/README.md for how it is made.
#pragma once

#include <span>
#include <string_view>

namespace nmstore::ui {

struct PageFile {
    std::string_view name;  // "index.html", or "assets/app-<hash>.js": such a name never has other bytes
    std::string_view content_type;  // with its charset
    std::string_view tag;           // a hash of the bytes: letters and digits
    std::string_view bytes;
    std::string_view packed;  // the same, packed with gzip
};

// index.html first; empty if the program was built without its page (NM_PAGE=OFF). The bytes live as long as
// the program. Any thread.
std::span<const PageFile> page_files();

}  // namespace nmstore::ui
