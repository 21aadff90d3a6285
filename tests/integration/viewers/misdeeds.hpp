// What a hostile or broken viewer does once it has joined. Each goes on until the returned grip is let go,
// which must be before the viewer goes.
#pragma once

#include "tests/integration/viewers/test_viewer.hpp"

namespace masthead::test {

using Grip = std::shared_ptr<void>;

/// Its machine is gone: it reads nothing, answers nothing, sends nothing, and says no good-bye.
Grip vanish(TestViewer& viewer);
/// It no longer reads its socket, connectivity checks included, but goes on reporting.
Grip stop_reading(TestViewer& viewer);
/// Its path lets connectivity checks through and loses all else that comes.
Grip lose_all_media(TestViewer& viewer);
/// It acknowledges nothing on the data channel.
Grip ignore_data_channel(TestViewer& viewer);
/// It says good-bye in DTLS alone.
Grip close_dtls(TestViewer& viewer);
Grip close_data_channel(TestViewer& viewer);
Grip open_a_hundred_channels(TestViewer& viewer);
Grip flood_with_key_frame_requests(TestViewer& viewer);
/// Wants the latest packets again, thousands of times.
Grip flood_with_resend_requests(TestViewer& viewer);
Grip flood_data_channel(TestViewer& viewer);
/// Datagrams of noise, and of what begins as STUN, DTLS and RTP do, to the port of the stream's candidate.
Grip send_garbage_to_port(TestViewer& viewer);
Grip send_hostile_candidates(TestViewer& viewer);
Grip send_thousands_of_candidates(TestViewer& viewer);
/// After its wrong answer: the true one, too late.
Grip answer_again(TestViewer& viewer);
Grip nothing_more(TestViewer& viewer);

} // namespace masthead::test
