#include "server/recording/package.hpp"

#include <zip.h>

#include <memory>

namespace masthead::recording_tool {
namespace {

struct Discard {
    void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, Discard>;

tl::unexpected<Error> broken(const std::filesystem::path& path, const char* why) {
    return fail(Code::unavailable, path.filename().string() + " cannot be written: " + why);
}

} // namespace

std::string sha256sums_of(const std::vector<FileFacts>& files) {
    std::string text;
    for (const FileFacts& file : files) {
        text += file.sha256 + "  " + file.name + "\n";
    }
    return text;
}

Result<void> write_zip(const std::filesystem::path& path, const std::vector<std::filesystem::path>& files,
                       const std::function<void(double)>& progress) {
    int code = 0;
    Archive archive(zip_open(path.c_str(), ZIP_CREATE | ZIP_EXCL, &code));
    if (!archive) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const std::string why = zip_error_strerror(&error);
        zip_error_fini(&error);
        return broken(path, why.c_str());
    }
    for (const auto& file : files) {
        zip_source_t* source = zip_source_file(archive.get(), file.c_str(), 0, -1);
        const zip_int64_t index =
            source ? zip_file_add(archive.get(), file.filename().c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
        if (index < 0) {
            if (source) {
                zip_source_free(source);
            }
            return broken(path, zip_strerror(archive.get()));
        }
        zip_set_file_compression(archive.get(), static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
    }
    zip_register_progress_callback_with_state(
        archive.get(), 0.01,
        [](zip_t*, double done, void* data) {
            (*static_cast<const std::function<void(double)>*>(data))(done);
        },
        nullptr, const_cast<void*>(static_cast<const void*>(&progress)));
    if (zip_close(archive.get()) != 0) { // everything is written here
        return broken(path, zip_strerror(archive.get()));
    }
    (void)archive.release();
    return {};
}

} // namespace masthead::recording_tool
