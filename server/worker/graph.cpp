#include "server/worker/graph.hpp"

#include "plugins/glib/bin.hpp"
#include "plugins/glib/json.hpp"
#include "plugins/glib/properties.hpp"
#include "server/worker/camera_flow.hpp"
#include "server/worker/flow_meter.hpp"
#include "server/worker/rendition_gate.hpp"

#include <algorithm>
#include <optional>

namespace masthead::worker {

namespace {

constexpr std::size_t kMaxCapsBytes = 400;

double number_of(GstElement* element, const char* property) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_DOUBLE);
    g_object_get_property(G_OBJECT(element), property, &value); // GLib turns any number into a double
    return g_value_get_double(&value);
}

bool is_number(const GParamSpec* spec) {
    constexpr GType kNumbers[] = {G_TYPE_INT, G_TYPE_UINT, G_TYPE_INT64, G_TYPE_UINT64, G_TYPE_DOUBLE};
    return std::ranges::find(kNumbers, spec->value_type) != std::end(kNumbers);
}

void write_level(json::Writer& out, GstElement* queue) {
    const double buffers = number_of(queue, "current-level-buffers");
    const double bytes = number_of(queue, "current-level-bytes");
    const double time_ns = number_of(queue, "current-level-time");
    const auto share = [queue](double level, const char* limit) {
        const double most = number_of(queue, limit);
        return most > 0 ? level / most : 0;
    };
    const double fill = std::max({share(buffers, "max-size-buffers"), share(bytes, "max-size-bytes"),
                                  share(time_ns, "max-size-time")});
    out.key("level").begin_object();
    out.member("buffers", buffers).member("bytes", bytes).member("time_ms", time_ns / 1e6);
    out.member("fill", std::min(fill, 1.0)).end_object();
}

/// The element's own counters: numbers that can be read and not set; and what a queue let go of.
void write_figures(json::Writer& out, GstElement* element) {
    out.key("figures").begin_object();
    for (GParamSpec* spec : properties_of(G_OBJECT(element))) {
        const bool told = (spec->flags & G_PARAM_READWRITE) == G_PARAM_READABLE && is_number(spec) &&
                          !g_str_has_prefix(spec->name, "current-level-");
        if (told) {
            out.member(spec->name, number_of(element, spec->name));
        }
    }
    out.member("dropped-buffers", CameraFlow::dropped_by(element));
    out.end_object();
}

/// From the pad that feeds the element to its source pad, for elements with one of each.
std::optional<double> latency_of(GstElement* element) {
    const auto outputs = source_pads_of(element);
    GList* const inputs = element->sinkpads;
    if (outputs.size() != 1 || !inputs || inputs->next) {
        return std::nullopt;
    }
    const auto feeding = Ref<GstPad>::adopt(gst_pad_get_peer(GST_PAD(inputs->data)));
    if (!feeding) {
        return std::nullopt;
    }
    return FlowMeter::of(outputs.front().get())->latency_after(*FlowMeter::of(feeding.get()));
}

void write_element(json::Writer& out, GstElement* element) {
    out.begin_object().member("name", GST_OBJECT_NAME(element));
    out.member("factory", GST_OBJECT_NAME(gst_element_get_factory(element)));
    out.member("state", gst_element_state_get_name(GST_STATE(element)));
    out.member("latency_ms", latency_of(element));
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), "current-level-buffers") &&
        g_object_class_find_property(G_OBJECT_GET_CLASS(element), "max-size-time")) {
        write_level(out, element);
    }
    write_figures(out, element);
    out.end_object();
}

/// Nothing flows through this source pad because nobody wants it.
bool rests(GstPad* pad) {
    for (auto at = Ref<GstPad>::share(pad); at;) {
        if (RenditionGate::is_closed_at(at.get())) {
            return true;
        }
        const auto element = Ref<GstElement>::adopt(gst_pad_get_parent_element(at.get()));
        const auto inputs = element ? sink_pads_of(element.get()) : std::vector<Ref<GstPad>>();
        at = Ref<GstPad>::adopt(inputs.size() == 1 ? gst_pad_get_peer(inputs.front().get()) : nullptr);
    }
    return false;
}

void write_link(json::Writer& out, GstElement* element, GstPad* pad) {
    const auto peer = Ref<GstPad>::adopt(gst_pad_get_peer(pad));
    const auto to = Ref<GstElement>::adopt(peer ? gst_pad_get_parent_element(peer.get()) : nullptr);
    if (!to) {
        return;
    }
    out.begin_object().member("from", GST_OBJECT_NAME(element)).member("from_pad", GST_OBJECT_NAME(pad));
    out.member("to", GST_OBJECT_NAME(to.get())).member("to_pad", GST_OBJECT_NAME(peer.get()));
    if (const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad))) {
        std::string text = take_string(gst_caps_to_string(caps.get()));
        if (text.size() > kMaxCapsBytes) { // codec data
            text = text.substr(0, kMaxCapsBytes) + "...";
        }
        out.member("caps", text);
    }
    const Flow flow = FlowMeter::of(pad)->read();
    if (!rests(pad)) {
        out.key("flow").begin_object().member("buffers_per_s", flow.buffers_per_s);
        out.member("kbit_per_s", flow.kbit_per_s).member("buffers", flow.buffers);
        out.member("gap_ms", flow.gap_ms).end_object();
    }
    out.end_object();
}

} // namespace

std::string graph_json(GstBin* pipeline) {
    auto elements = children_of(pipeline);
    std::ranges::reverse(elements); // sources first
    json::Writer out;
    out.begin_object().key("elements").begin_array();
    for (const auto& element : elements) {
        write_element(out, element.get());
    }
    out.end_array().key("links").begin_array();
    for (const auto& element : elements) {
        for (const auto& pad : source_pads_of(element.get())) {
            write_link(out, element.get(), pad.get());
        }
    }
    return out.end_array().end_object().release();
}

} // namespace masthead::worker
