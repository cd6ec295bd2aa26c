#include "engine/kv_rocksdb_log_files.h"

#include <utility>

namespace nmstore::kv {

namespace {

class LogFile final : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    LogFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, std::atomic<int>& logs_held)
        : FSWritableFileOwnerWrapper(std::move(file)), log_(std::make_shared<OpenLog>(target(), logs_held)) {}
    ~LogFile() override { log_->forget(); }

    const std::shared_ptr<OpenLog>& log() const { return log_; }

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* /*context*/) override {
        log_->append(data, options);
        return rocksdb::IOStatus::OK();
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& /*verification*/,
                             rocksdb::IODebugContext* /*context*/) override {
        log_->append(data, options);
        return rocksdb::IOStatus::OK();
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& /*options*/,
                           rocksdb::IODebugContext* /*context*/) override {
        return log_->sync();
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& /*options*/,
                            rocksdb::IODebugContext* /*context*/) override {
        return log_->sync();
    }
    rocksdb::IOStatus Close(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
        log_->forget();
        return FSWritableFileOwnerWrapper::Close(options, context);
    }

  private:
    const std::shared_ptr<OpenLog> log_;
};

}  // namespace

void OpenLog::append(const rocksdb::Slice& data, const rocksdb::IOOptions& options) {
    const std::lock_guard lock(append_mutex_);
    dirty_ = true;
    if (held_.empty()) {
        if (file_->PositionedAppend(data, size_, options, nullptr).ok()) {
            size_ += data.size();
            return;
        }
        logs_held_.fetch_add(1);
    }
    held_.append(data.data(), data.size());
}

rocksdb::IOStatus OpenLog::write_held() {
    if (held_.empty()) return rocksdb::IOStatus::OK();
    rocksdb::IOStatus status = file_->PositionedAppend(held_, size_, rocksdb::IOOptions(), nullptr);
    if (!status.ok()) return status;
    size_ += held_.size();
    held_ = std::string();  // gives its memory back
    logs_held_.fetch_sub(1);
    return status;
}

rocksdb::IOStatus OpenLog::sync() {
    const std::lock_guard file_lock(file_mutex_);
    if (file_ == nullptr) return rocksdb::IOStatus::OK();
    {
        const std::lock_guard lock(append_mutex_);
        rocksdb::IOStatus status = write_held();
        if (!status.ok()) return status;
        if (!std::exchange(dirty_, false)) return rocksdb::IOStatus::OK();
    }
    rocksdb::IOStatus status = file_->Sync(rocksdb::IOOptions(), nullptr);
    if (!status.ok()) {
        const std::lock_guard lock(append_mutex_);
        dirty_ = true;
    }
    return status;
}

void OpenLog::forget() {
    const std::lock_guard file_lock(file_mutex_);
    const std::lock_guard lock(append_mutex_);
    if (!held_.empty()) logs_held_.fetch_sub(1);
    held_.clear();
    file_ = nullptr;
}

bool OpenLog::is_open() {
    const std::lock_guard lock(append_mutex_);
    return file_ != nullptr;
}

LogFileSystem::LogFileSystem(std::string directory)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), directory_(std::move(directory)) {}

rocksdb::IOStatus LogFileSystem::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                                 std::unique_ptr<rocksdb::FSWritableFile>* result,
                                                 rocksdb::IODebugContext* context) {
    if (!name.ends_with(".log")) return FileSystemWrapper::NewWritableFile(name, options, result, context);
    std::unique_ptr<rocksdb::FSWritableFile> file;
    rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &file, context);
    if (!status.ok()) return status;
    auto log = std::make_unique<LogFile>(std::move(file), logs_held_);
    {
        const std::lock_guard lock(mutex_);
        logs_.push_back(log->log());
    }
    directory_dirty_ = true;
    *result = std::move(log);
    return status;
}

std::vector<std::shared_ptr<OpenLog>> LogFileSystem::open_logs() {
    const std::lock_guard lock(mutex_);
    std::erase_if(logs_, [](const auto& log) { return !log->is_open(); });
    return logs_;
}

rocksdb::IOStatus LogFileSystem::sync_directory() {
    if (!directory_dirty_.exchange(false)) return rocksdb::IOStatus::OK();
    std::unique_ptr<rocksdb::FSDirectory> directory;
    rocksdb::IOStatus status = NewDirectory(directory_, rocksdb::IOOptions(), &directory, nullptr);
    if (status.ok()) {
        status = directory->FsyncWithDirOptions(
            rocksdb::IOOptions(), nullptr,
            rocksdb::DirFsyncOptions(rocksdb::DirFsyncOptions::FsyncReason::kNewFileSynced));
    }
    if (!status.ok()) directory_dirty_ = true;
    return status;
}

rocksdb::IOStatus LogFileSystem::sync_logs() {
    for (const auto& log : open_logs()) {
        rocksdb::IOStatus status = log->sync();
        if (!status.ok()) return status;
    }
    return sync_directory();
}

}  // namespace nmstore::kv
