// Takes a request's body to disk, a piece at a time. Private to server/http.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"
#include "server/http/upload.hpp"

#include <libsoup/soup.h>

#include <functional>
#include <memory>
#include <string>

namespace masthead::http {

/// One body on its way. Writing runs on GLib's threads, so a slow disk holds up nothing else; the client is
/// not read from meanwhile. The file goes with this, unless finish() has given it away. Thread: the server's.
class FileReceiver : public std::enable_shared_from_this<FileReceiver> {
  public:
    /// Before a body of `promised` bytes (0: it does not say) is read. Errors: too_large, unavailable (the
    /// disk is full, or cannot be written).
    [[nodiscard]] static Result<std::shared_ptr<FileReceiver>>
    create(SoupServerMessage* message, const Upload& upload, std::int64_t promised);

    /// Errors: too_large, and what went wrong with what came before.
    [[nodiscard]] Result<void> take(GBytes* chunk);
    /// All is there. `done` is called once all is written, or it failed: at once or later.
    void finish(std::function<void(Result<std::shared_ptr<UploadedFile>>)> done);
    /// The client is gone; the message must not be touched any more.
    void forget_message() noexcept { message_ = nullptr; }

    ~FileReceiver();
    FileReceiver(const FileReceiver&) = delete;
    FileReceiver& operator=(const FileReceiver&) = delete;

  private:
    FileReceiver(SoupServerMessage* message, Upload upload) : message_(message), upload_(std::move(upload)) {}
    void write();
    void written(bool good);
    void write_rest();
    void complete();

    SoupServerMessage* message_; // borrowed
    Upload upload_;
    Ref<GFileOutputStream> stream_;
    std::filesystem::path path_; // of the file while it is ours
    std::string waiting_;        // not written yet
    std::uint64_t bytes_ = 0;
    Result<void> state_;
    bool writing_ = false;
    std::function<void(Result<std::shared_ptr<UploadedFile>>)> done_;
};

} // namespace masthead::http
