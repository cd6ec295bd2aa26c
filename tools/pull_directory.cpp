// The target of a pull that is a data directory, opened by this process.
#include <charconv>
#include <map>

#include "nmstore/store.h"
#include "tools/kept_journal.h"
#include "tools/pull_target.h"

namespace nmstore::tools {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 20;
constexpr std::size_t kFlushCounters = 10'000;

class PullDirectory : public PullTarget {
  public:
    PullDirectory(std::unique_ptr<Store> store, Refuse refuse)
        : store_(std::move(store)), refuse_(std::move(refuse)) {}

    const std::string& store() const override { return store_->hub_id(); }

    Result<void> create_family(const std::string& family, ValueType comparator) override {
        return store_->create_family(family, comparator);
    }

    Result<void> declare_column(const std::string& family, const std::string& column, ValueType type,
                                bool indexed) override {
        const auto declared =
            store_->declare_column(family, column, type, indexed ? std::optional(true) : std::nullopt);
        if (declared.ok()) return {};
        const Code code = declared.error().code;
        if (code != Code::invalid_argument && code != Code::unsupported) return declared.error();
        refuse_("column " + column + " of " + family, declared.error().message);
        return {};
    }

    Result<void> put(const std::string& family, const std::string& row, const Members& cells) override {
        if (cells_ != nullptr && family != family_) NM_TRY(flush());
        if (cells_ == nullptr) {
            NM_ASSIGN(cells_, store_->begin_cells(family));
            family_ = family;
        }
        for (const auto& [column, value] : cells) {
            const auto written = cells_->put(row, column, value);
            if (!written.ok()) refuse_(family + "/" + row + "/" + column, written.error().message);
        }
        return {};
    }

    Result<void> set_counters(const std::string& row, const Members& counters) override {
        for (const auto& [column, text] : counters) {
            const auto wanted = parse_counter(text);
            if (!wanted) {
                refuse_("counter " + row + "/" + column, "its value is no 64-bit number");
                continue;
            }
            wanted_counters_[{row, column}] = *wanted;
        }
        return {};
    }

    bool is_full() const override {
        return (cells_ != nullptr && cells_->bytes() >= kFlushBytes) ||
               wanted_counters_.size() >= kFlushCounters;
    }

    Result<void> flush() override {
        if (cells_ != nullptr) {
            NM_TRY(cells_->commit());
            cells_ = nullptr;
        }
        if (wanted_counters_.empty()) return {};
        const auto batch = store_->begin_counters();
        for (const auto& [name, wanted] : wanted_counters_) {
            NM_ASSIGN(const std::int64_t value, store_->counter(name.first, name.second));
            const auto added = batch->add(name.first, name.second, counter_step(wanted, value));
            if (!added.ok()) refuse_("counter " + name.first + "/" + name.second, added.error().message);
        }
        NM_TRY(batch->commit());
        wanted_counters_.clear();
        return {};
    }

    Result<void> close() override {
        cells_ = nullptr;
        return store_->close();
    }

  private:
    std::unique_ptr<Store> store_;
    Refuse refuse_;
    std::unique_ptr<CellBatch> cells_;
    std::string family_;
    std::map<std::pair<std::string, std::string>, std::int64_t> wanted_counters_;
};

}  // namespace

std::optional<std::int64_t> parse_counter(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::int64_t counter_step(std::int64_t wanted, std::int64_t value) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(wanted) - static_cast<std::uint64_t>(value));
}

Result<std::unique_ptr<PullTarget>> open_pull_directory(const std::string& directory, Refuse refuse) {
    StoreOptions options;
    options.directory = directory;
    options.owner = "nm-tool pull";
    options.journal = kept_journal();
    auto store = Store::open(options);
    if (!store.ok()) {
        Error error = std::move(store).error();
        if (error.code == Code::busy)
            error.message += "; to fill a running server, name it with --url instead of --data";
        return error;
    }
    return std::unique_ptr<PullTarget>(
        std::make_unique<PullDirectory>(std::move(store).value(), std::move(refuse)));
}

}  // namespace nmstore::tools
