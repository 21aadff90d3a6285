// Registers Masthead's elements. To add one: its header's register function, one line in kElements.
#include "plugins/elements/klvparse.hpp"
#include "plugins/elements/klvsplit.hpp"
#include "plugins/elements/klvsync.hpp"
#include "plugins/elements/klvtsfilter.hpp"
#include "plugins/elements/mispsei.hpp"
#include "plugins/elements/recordsink.hpp"
#include "plugins/elements/telemetrysrc.hpp"
#include "plugins/elements/vehiclesrc.hpp"
#include "plugins/elements/viewersink.hpp"
#include "version.hpp"

#include <gst/gst.h>

#include <array>

namespace {

using Register = gboolean (*)(GstPlugin*);

constexpr std::array kElements{
    Register{gst_element_register_klvparse},     Register{gst_element_register_klvsplit},
    Register{gst_element_register_klvsync},      Register{gst_element_register_klvtsfilter},
    Register{gst_element_register_mispsei},      Register{gst_element_register_recordsink},
    Register{gst_element_register_telemetrysrc}, Register{gst_element_register_vehiclesrc},
    Register{gst_element_register_viewersink},
};

gboolean plugin_init(GstPlugin* plugin) {
    for (const Register register_element : kElements) {
        if (!register_element(plugin)) {
            return FALSE;
        }
    }
    return TRUE;
}

} // namespace

#define PACKAGE "masthead"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, masthead,
                  "Vehicle video with MISB metadata on the very frame it belongs to", plugin_init,
                  MASTHEAD_VERSION, GST_LICENSE_UNKNOWN, "Masthead", "Masthead")
