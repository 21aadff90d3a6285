// RenditionGate: lets a rendition's decoder and encoder rest while nobody wants the rendition.
#pragma once

#include "plugins/glib/ref.hpp"

#include <memory>

namespace masthead::worker {

/// On the source pad before the decoder, for as long as the pad lives. While it is closed it keeps the frames
/// since the last key frame (16 MiB, 10 s); opened, it has them decoded in one go, so that the newest is
/// encoded without waiting for the camera's next key frame. Thread-safe.
class RenditionGate {
  public:
    /// The pad's gate, made when it has none yet; open at first.
    [[nodiscard]] static std::shared_ptr<RenditionGate> of(GstPad* pad);
    /// Whether the pad has a gate and that is closed.
    [[nodiscard]] static bool is_closed_at(GstPad* pad);

    void open();
    void close();
    /// Whether a decoded frame with this PTS was only made for the sake of later ones.
    [[nodiscard]] bool is_only_reference(GstClockTime pts) const;

    RenditionGate();
    ~RenditionGate();
    RenditionGate(const RenditionGate&) = delete;
    RenditionGate& operator=(const RenditionGate&) = delete;

  private:
    struct State;
    static GstPadProbeReturn on_frame(GstPad* pad, GstPadProbeInfo* info, gpointer gate);
    std::unique_ptr<State> state_;
};

} // namespace masthead::worker
