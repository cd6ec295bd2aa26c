// RocksDB by itself, with its default options, doing what the store does: the yardstick.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace nmstore::benchmarks {

class RawRocksDb {
  public:
    explicit RawRocksDb(const std::string& directory);
    ~RawRocksDb();
    RawRocksDb(const RawRocksDb&) = delete;
    RawRocksDb& operator=(const RawRocksDb&) = delete;

    void put(std::string_view key, std::string_view value, bool sync);
    // Collected, and written together by write().
    void collect(std::string_view key, std::string_view value);
    void write(bool sync);
    // Bytes of the values of up to `limit` keys from `from` on.
    std::size_t read(std::string_view from, std::size_t limit) const;

  private:
    struct Rep;
    const std::unique_ptr<Rep> rep_;
};

}  // namespace nmstore::benchmarks
