// Drops what has expired while RocksDB compacts.
#include "engine/kv_rocksdb.h"

namespace nmstore::kv {

namespace {

class ExpiryFilter final : public rocksdb::CompactionFilter {
  public:
    ExpiryFilter(Space space, const Expired& expired, std::atomic<std::uint64_t>& dropped)
        : space_(space), expired_(expired), dropped_(dropped) {}

    const char* Name() const override { return "nmstore.expiry"; }

    bool Filter(int /*level*/, const rocksdb::Slice& /*key*/, const rocksdb::Slice& value,
                std::string* /*new_value*/, bool* /*value_changed*/) const override {
        try {
            if (!expired_(space_, to_view(value))) return false;
        } catch (...) {
            return false;  // RocksDB cannot take an exception; keeping a value is always right
        }
        dropped_.fetch_add(1);
        return true;
    }

  private:
    const Space space_;
    const Expired& expired_;
    std::atomic<std::uint64_t>& dropped_;
};

class ExpiryFilterFactory final : public rocksdb::CompactionFilterFactory {
  public:
    ExpiryFilterFactory(Space space, Expired expired, std::shared_ptr<std::atomic<std::uint64_t>> dropped)
        : space_(space), expired_(std::move(expired)), dropped_(std::move(dropped)) {}

    const char* Name() const override { return "nmstore.expiry_factory"; }

    std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
        const rocksdb::CompactionFilter::Context& /*context*/) override {
        return std::make_unique<ExpiryFilter>(space_, expired_, *dropped_);
    }

  private:
    const Space space_;
    const Expired expired_;
    const std::shared_ptr<std::atomic<std::uint64_t>> dropped_;
};

}  // namespace

std::shared_ptr<rocksdb::CompactionFilterFactory> make_expiry_filter(
    Space space, Expired expired, std::shared_ptr<std::atomic<std::uint64_t>> dropped) {
    return std::make_shared<ExpiryFilterFactory>(space, std::move(expired), std::move(dropped));
}

}  // namespace nmstore::kv
