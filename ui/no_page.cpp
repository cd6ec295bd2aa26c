// Stands in for the bundled page where the program is built without it.
#include "ui/page_files.h"

namespace nmstore::ui {

std::span<const PageFile> page_files() {
    return {};
}

}  // namespace nmstore::ui
