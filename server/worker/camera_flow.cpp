#include "server/worker/camera_flow.hpp"

#include "plugins/glib/bin.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <string_view>

namespace masthead::worker {

namespace {

constexpr const char* kKey = "masthead-queue";
constexpr std::size_t kMostInside = 10'000;     // more than any queue of ours holds
constexpr std::string_view kEntry = "video-in"; // where the camera's video comes in

/// Those of sound and KLV do not.
bool holds_frames(std::string_view queue) {
    return queue == kEntry || queue == "video-out" || queue.starts_with("encode-");
}

/// Calls `what` with each buffer that passes; owns it.
template <typename What>
void on_each_buffer(GstPad* pad, What what) {
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer data) {
            (*static_cast<What*>(data))(GST_PAD_PROBE_INFO_BUFFER(info));
            return GST_PAD_PROBE_OK;
        },
        std::make_unique<What>(std::move(what)).release(),
        [](gpointer data) { const std::unique_ptr<What> owned(static_cast<What*>(data)); });
}

} // namespace

struct CameraFlow::Counts {
    std::atomic<std::uint64_t> frames{0};
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<std::uint64_t> dropped_frames{0};
};

/// Knows what is in a queue, and so what it let go of: that which had come before something that leaves.
class CameraFlow::Queue {
  public:
    /// What can no longer be in there was let go of: how many that is.
    std::size_t enters(const GstBuffer* buffer) {
        const std::scoped_lock lock(mutex_);
        inside_.push_back(buffer);
        if (inside_.size() <= kMostInside) {
            return 0;
        }
        inside_.pop_front();
        ++dropped_;
        return 1;
    }
    /// How many did not leave before it.
    std::size_t leaves(const GstBuffer* buffer) {
        const std::scoped_lock lock(mutex_);
        // What was let go may have left its address to something newer: the newest is meant.
        const auto newest = std::find(inside_.rbegin(), inside_.rend(), buffer);
        if (newest == inside_.rend()) {
            return 0;
        }
        const auto skipped = static_cast<std::size_t>(std::distance(newest, inside_.rend())) - 1;
        inside_.erase(inside_.begin(), newest.base());
        dropped_ += skipped;
        return skipped;
    }
    [[nodiscard]] std::uint64_t dropped() const {
        const std::scoped_lock lock(mutex_);
        return dropped_;
    }

  private:
    mutable std::mutex mutex_; // held across no call
    std::deque<const GstBuffer*> inside_;
    std::uint64_t dropped_ = 0;
};

CameraFlow::CameraFlow() : counts_(std::make_shared<Counts>()) {}
CameraFlow::~CameraFlow() = default;

void CameraFlow::watch(GstBin* pipeline) {
    using Shared = std::shared_ptr<Queue>;
    for (const auto& element : made_by("queue", GST_ELEMENT(pipeline))) {
        const std::string_view name = GST_OBJECT_NAME(element.get());
        const auto queue = std::make_shared<Queue>();
        g_object_set_data_full(
            G_OBJECT(element.get()), kKey, std::make_unique<Shared>(queue).release(),
            [](gpointer data) { const std::unique_ptr<Shared> owned(static_cast<Shared*>(data)); });
        const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(element.get(), "sink"));
        const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(element.get(), "src"));
        const auto note = [counts = counts_, of_frames = holds_frames(name)](std::size_t dropped) {
            counts->dropped_frames += of_frames ? dropped : 0;
        };
        on_each_buffer(sink.get(),
                       [queue, note, counts = counts_, is_entry = name == kEntry](GstBuffer* buffer) {
                           note(queue->enters(buffer));
                           if (is_entry) {
                               ++counts->frames;
                               counts->bytes += gst_buffer_get_size(buffer);
                           }
                       });
        on_each_buffer(source.get(), [queue, note](GstBuffer* buffer) { note(queue->leaves(buffer)); });
    }
}

std::optional<std::uint64_t> CameraFlow::dropped_by(GstElement* element) {
    const auto* queue = static_cast<std::shared_ptr<Queue>*>(g_object_get_data(G_OBJECT(element), kKey));
    return queue ? std::optional((*queue)->dropped()) : std::nullopt;
}

CameraFlow::Totals CameraFlow::totals() const {
    return {counts_->frames, counts_->bytes, counts_->dropped_frames};
}

} // namespace masthead::worker
