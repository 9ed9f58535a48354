// SPDX-License-Identifier: MIT
#include <converge/run/parking.hpp>
#include <converge/run/step_record.hpp>

#include <fuzz/expect.hpp>
#include <run/order.hpp>
#include <string>

// Step records and what else the runner keeps in the log, with any bytes in their place.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const bytes = text_of(data, size);
    if (auto const state = converge::detail::decode_step<order_process>(bytes)) {
        for (std::size_t machine = 0; machine < state->states.size(); ++machine)
            expect(state->states[machine] < 3, "a state is one of its machine's");
        auto const again = converge::detail::encode_step<order_process>(*state, {});
        auto const second = converge::detail::decode_step<order_process>(again);
        expect(second.has_value(), "a step that was encoded can be decoded");
        expect(
            second->states == state->states && second->handled == state->handled &&
                second->deadlines == state->deadlines &&
                get<paid_cents>(second->data) == get<paid_cents>(state->data),
            "decoded, encoded and decoded again is the same step");
    }
    if (auto const requested = converge::detail::decode_commands(bytes))
        for (auto const& each : requested->commands)
            (void)converge::json_codec{}.decode<refund>(each.payload);
    (void)converge::json_codec{}.decode<converge::parked_item>(bytes);
    return 0;
}
