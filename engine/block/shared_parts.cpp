#include "engine/block/shared_parts.h"

#include <utility>

namespace nmstore::block {

Result<std::shared_ptr<const OpenedFilter>> OpenedFilter::open(std::string bytes) {
    auto opened = std::make_shared<OpenedFilter>();
    opened->bytes = std::move(bytes);
    NM_ASSIGN(opened->words, WordFilter::open(opened->bytes));
    return std::shared_ptr<const OpenedFilter>(std::move(opened));
}

std::shared_ptr<const OpenedFilter> OpenedFilter::damaged(Error why) {
    auto opened = std::make_shared<OpenedFilter>();
    opened->damage = std::move(why);
    return opened;
}

Result<std::shared_ptr<const OpenedDirectory>> OpenedDirectory::open(std::string bytes) {
    auto opened = std::make_shared<OpenedDirectory>();
    opened->bytes = std::move(bytes);
    NM_TRY(opened->directory.read(opened->bytes));
    return std::shared_ptr<const OpenedDirectory>(std::move(opened));
}

std::size_t OpenedDirectory::memory_bytes() const {
    return sizeof(*this) + bytes.capacity() + directory.memory_bytes();
}

}  // namespace nmstore::block
