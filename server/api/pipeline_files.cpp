#include "server/api/pipeline_files.hpp"

#include "server/config/recipe.hpp"
#include "server/control/protocol.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace masthead::api {
namespace {

Result<std::string> text_of(const std::filesystem::path& file) {
    std::error_code error;
    if (const auto size = std::filesystem::file_size(file, error); !error && size > kMaxPipelineBytes) {
        return fail(Code::too_large, file.filename().string() + ": larger than " +
                                         std::to_string(kMaxPipelineBytes / 1024) + " KiB");
    }
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream) {
        return fail(Code::unavailable, file.filename().string() + ": cannot be read");
    }
    return text.str();
}

tl::unexpected<Error> fail_with_errno(const std::filesystem::path& file) {
    return fail(Code::unavailable, "writing " + file.string() + ": " + std::strerror(errno));
}

bool write_whole(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(file, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return fsync(file) == 0;
}

} // namespace

Result<std::map<std::string, Result<std::string>>> read_pipeline_files(const std::filesystem::path& folder) {
    const auto files = recipe_files(folder);
    if (!files) {
        return tl::unexpected(files.error());
    }
    std::map<std::string, Result<std::string>> texts;
    for (const auto& file : *files) {
        if (control::is_id(file.stem().string())) {
            texts.emplace(file.stem().string(), text_of(file));
        }
    }
    return texts;
}

PipelineFileWrite::PipelineFileWrite(std::filesystem::path temporary, std::filesystem::path target)
    : temporary_(std::move(temporary)), target_(std::move(target)) {}

PipelineFileWrite::PipelineFileWrite(PipelineFileWrite&& other) noexcept
    : temporary_(std::exchange(other.temporary_, {})), target_(std::move(other.target_)) {}

PipelineFileWrite::~PipelineFileWrite() {
    if (!temporary_.empty()) {
        unlink(temporary_.c_str());
    }
}

Result<PipelineFileWrite> PipelineFileWrite::prepare(const std::filesystem::path& folder,
                                                     const std::string& name, const std::string& text) {
    const auto target = folder / (name + ".yaml");
    std::string pattern = (folder / ("." + name + ".XXXXXX")).string();
    const int file = mkstemp(pattern.data());
    if (file < 0) {
        return fail_with_errno(target);
    }
    PipelineFileWrite prepared(pattern, target);
    struct stat before {};
    const mode_t mode = stat(target.c_str(), &before) == 0 ? before.st_mode & 07777 : 0644;
    const bool written = write_whole(file, text) && fchmod(file, mode) == 0;
    const int error = errno;
    close(file);
    if (!written) {
        errno = error;
        return fail_with_errno(target);
    }
    return prepared;
}

Result<void> PipelineFileWrite::commit() {
    if (rename(temporary_.c_str(), target_.c_str()) != 0) {
        return fail_with_errno(target_);
    }
    temporary_.clear();
    return {};
}

} // namespace masthead::api
