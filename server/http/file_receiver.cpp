#include "server/http/file_receiver.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace masthead::http {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 1 << 20;

Error too_large(std::uint64_t max_bytes) {
    return {Code::too_large,
            "the file is larger than the " + std::to_string(max_bytes >> 20) + " MiB that are taken"};
}

Error disk_full() { return {Code::unavailable, "the disk has no room for this file"}; }

/// For that many bytes more.
bool has_room(const Upload& upload, std::uint64_t bytes) {
    std::error_code unknown;
    const auto space = fs::space(upload.folder, unknown);
    const auto kept_free = static_cast<std::uint64_t>(upload.keep_free_percent) * (space.capacity / 100);
    return unknown || space.available >= bytes + kept_free;
}

} // namespace

UploadedFile::~UploadedFile() {
    if (!path_.empty()) {
        std::error_code ignored; // a later start of the server tries again
        fs::remove(path_, ignored);
    }
}

void remove_unfinished_uploads(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().filename().native().starts_with(kUploadPrefix)) {
            std::error_code ignored; // a later start of the server tries again
            fs::remove(entry->path(), ignored);
        }
    }
}

Result<std::shared_ptr<FileReceiver>> FileReceiver::create(SoupServerMessage* message, const Upload& upload,
                                                           std::int64_t promised) {
    const auto bytes = static_cast<std::uint64_t>(promised);
    if (bytes > upload.max_bytes) {
        return tl::unexpected(too_large(upload.max_bytes));
    }
    if (!has_room(upload, bytes)) {
        return tl::unexpected(disk_full());
    }
    std::string name = upload.folder / (std::string(kUploadPrefix) + "XXXXXX");
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) {
        return fail(Code::unavailable,
                    upload.folder.string() + " cannot be written: " + std::strerror(errno));
    }
    ::close(fd);
    std::shared_ptr<FileReceiver> receiver(new FileReceiver(message, upload));
    receiver->path_ = name;
    const auto file = Ref<GFile>::adopt(g_file_new_for_path(name.c_str()));
    receiver->stream_ =
        Ref<GFileOutputStream>::adopt(g_file_append_to(file.get(), G_FILE_CREATE_PRIVATE, nullptr, nullptr));
    if (!receiver->stream_) {
        return fail(Code::unavailable, upload.folder.string() + " cannot be written");
    }
    return receiver;
}

FileReceiver::~FileReceiver() {
    if (!path_.empty()) {
        const UploadedFile unwanted(path_, bytes_);
    }
}

Result<void> FileReceiver::take(GBytes* chunk) {
    gsize size = 0;
    const auto* data = static_cast<const char*>(g_bytes_get_data(chunk, &size));
    bytes_ += size;
    if (state_ && bytes_ > upload_.max_bytes) {
        state_ = tl::unexpected(too_large(upload_.max_bytes));
    }
    if (!state_) {
        waiting_.clear();
        return state_;
    }
    waiting_.append(data, size);
    if (waiting_.size() < kPiece || writing_) {
        return {};
    }
    if (!has_room(upload_, waiting_.size())) { // it need not say beforehand how large it is
        state_ = tl::unexpected(disk_full());
        return state_;
    }
    soup_server_message_pause(message_);
    write();
    return {};
}

void FileReceiver::write() {
    writing_ = true;
    struct Write {
        std::shared_ptr<FileReceiver> self;
        std::string bytes;
    };
    auto* job = new Write{shared_from_this(), std::exchange(waiting_, {})};
    g_output_stream_write_all_async(
        G_OUTPUT_STREAM(stream_.get()), job->bytes.data(), job->bytes.size(), G_PRIORITY_DEFAULT, nullptr,
        [](GObject* source, GAsyncResult* result, gpointer data) {
            const std::unique_ptr<Write> owned(static_cast<Write*>(data));
            const bool good =
                g_output_stream_write_all_finish(G_OUTPUT_STREAM(source), result, nullptr, nullptr) != FALSE;
            owned->self->written(good);
        },
        job);
}

void FileReceiver::written(bool good) {
    writing_ = false;
    if (!good && state_) {
        state_ = tl::unexpected(disk_full());
    }
    if (done_) {
        write_rest();
    } else if (message_) {
        soup_server_message_unpause(message_);
    }
}

void FileReceiver::finish(std::function<void(Result<std::shared_ptr<UploadedFile>>)> done) {
    done_ = std::move(done);
    if (!writing_) {
        write_rest();
    }
}

void FileReceiver::write_rest() {
    if (state_ && !waiting_.empty()) {
        write();
    } else {
        complete();
    }
}

void FileReceiver::complete() {
    const auto done = std::exchange(done_, {});
    const bool closed = g_output_stream_close(G_OUTPUT_STREAM(stream_.get()), nullptr, nullptr) != FALSE;
    if (!state_ || !closed) {
        return done(tl::unexpected(state_ ? disk_full() : state_.error()));
    }
    done(std::make_shared<UploadedFile>(std::exchange(path_, {}), bytes_));
}

} // namespace masthead::http
