// SPDX-License-Identifier: MIT
#include <converge/store/jetstream/frame.hpp>

#include <fuzz/expect.hpp>
#include <string>
#include <vector>

// A message of a JetStream stream with any bytes: refused, or the one encoding of what it says.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace converge::detail;
    auto const bytes = text_of(data, size);
    jetstream_frame frame;
    if (!decode_jetstream_frame(bytes, frame))
        return 0;
    if (frame.kind != jetstream_kind::events) {
        expect(
            encode_jetstream_marker(frame.kind, frame.version, frame.stream, frame.kept) == bytes,
            "a marker has one encoding");
        return 0;
    }
    expect(frame.version_of(frame.events.size() - 1) == frame.version, "the last event has the version");
    std::vector<converge::new_event> events;
    for (auto const& each : frame.events)
        events.push_back({each.id, std::string{each.name}, false, std::string{each.payload}});
    expect(encode_jetstream_events(frame.version, frame.stream, events) == bytes, "events have one encoding");
    return 0;
}
