// SPDX-License-Identifier: MIT
#include <converge/codec/json.hpp>

#include <benchmark/benchmark.h>
#include <benchmarks/processor_time.hpp>
#include <boost/mp11/algorithm.hpp>

#include <codec/hand_written.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <examples/traffic_fines/events.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

// codec/{encode,decode}/<contender>: the eleven events of the traffic fines, as many of each, to JSON and
// back. The floor is written by hand for these structs; nlohmann::json is used as its documentation shows.
// All must write the same bytes, and read back the same values. What a binary format gains shows where one
// library has both: CBOR, with the names of the members as in JSON, so that one may come or go.
namespace {

namespace fines = traffic_fines;
using events = boost::mp11::mp_append<
    fines::police::module::events, fines::payments::module::events, fines::appeals::module::events>;
template <class Event> using several = std::vector<Event>;
using event_lists = boost::mp11::mp_rename<boost::mp11::mp_transform<several, events>, std::tuple>;

constexpr std::size_t of_each = 256;

event_lists drawn() {
    std::mt19937_64 random{5};
    event_lists made;
    std::apply(
        [&](auto&... lists) {
            (..., [&] {
                for (std::size_t at = 0; at < of_each; ++at) {
                    auto& event = lists.emplace_back();
                    converge::for_each_field(event, [&](std::string_view name, auto& member) {
                        if constexpr (requires { member.size(); })
                            member = name == "fine" ? "A" + std::to_string(random() % 100'000) : "NIL";
                        else
                            member = static_cast<std::int64_t>(random() % 1'000'000);
                    });
                }
            }());
        },
        made);
    return made;
}

struct converge_json {
    template <class Event> static void encode(Event const& event, std::string& out) {
        converge::json_codec{}.encode(event, out);
    }
    template <class Event> static bool decode(std::string_view text, Event& into) {
        auto decoded = converge::json_codec{}.decode<Event>(text);
        if (decoded)
            into = std::move(*decoded);
        return static_cast<bool>(decoded);
    }
};

struct floor_json {
    template <class Event> static void encode(Event const& event, std::string& out) {
        if (!hand_written::encode(event, out))
            std::abort();
    }
    template <class Event> static bool decode(std::string_view text, Event& into) {
        auto decoded = hand_written::decode<Event>(text);
        if (decoded)
            into = std::move(*decoded);
        return decoded.has_value();
    }
};

template <class Event> nlohmann::ordered_json to_document(Event const& event) {
    nlohmann::ordered_json made;
    converge::for_each_field(
        event, [&](std::string_view name, auto const& member) { made[std::string{name}] = member; });
    return made;
}
template <class Event> void from_document(nlohmann::ordered_json const& made, Event& into) {
    converge::for_each_field(
        into, [&](std::string_view name, auto& member) { made.at(std::string{name}).get_to(member); });
}

struct nlohmann_json {
    template <class Event> static void encode(Event const& event, std::string& out) {
        out += to_document(event).dump();
    }
    template <class Event> static bool decode(std::string_view text, Event& into) {
        from_document(nlohmann::ordered_json::parse(text), into);
        return true;
    }
};

struct nlohmann_cbor {
    template <class Event> static void encode(Event const& event, std::string& out) {
        nlohmann::ordered_json::to_cbor(to_document(event), out);
    }
    template <class Event> static bool decode(std::string_view bytes, Event& into) {
        from_document(nlohmann::ordered_json::from_cbor(bytes), into);
        return true;
    }
};

/// Calls `use(event)` with each event.
template <class Use> void for_each_event(event_lists const& all, Use use) {
    std::apply(
        [&](auto const&... lists) {
            (..., [&] {
                for (auto const& event : lists)
                    use(event);
            }());
        },
        all);
}

constexpr std::size_t total = of_each * boost::mp11::mp_size<events>::value;

void count(benchmark::State& state) {
    state.counters["events"] =
        benchmark::Counter(static_cast<double>(total), benchmark::Counter::kIsIterationInvariantRate);
}

template <class Codec> std::string encoded(event_lists const& all) {
    std::string out;
    for_each_event(all, [&](auto const& event) { Codec::encode(event, out); });
    return out;
}

template <class Codec> bool comes_back(event_lists const& all) {
    bool good = true;
    for_each_event(all, [&](auto const& event) {
        std::string text;
        Codec::encode(event, text);
        std::remove_cvref_t<decltype(event)> read;
        good = good && Codec::decode(text, read) && converge::equal_fields(read, event);
    });
    return good;
}

template <class Codec> bool add(std::string const& name, event_lists const& all) {
    bool const is_json = !std::same_as<Codec, nlohmann_cbor>;
    if ((is_json && encoded<Codec>(all) != encoded<floor_json>(all)) || !comes_back<Codec>(all)) {
        std::fprintf(stderr, "codec: %s writes other bytes, or reads other values\n", name.c_str());
        return false;
    }
    benchmark::RegisterBenchmark(
        ("codec/encode/" + name).c_str(),
        [&all](benchmark::State& state) {
            std::string out;
            measure_processor_time(state, [&] {
                for_each_event(all, [&](auto const& event) {
                    out.clear(); // the buffer is kept, as a runner keeps it
                    Codec::encode(event, out);
                    benchmark::DoNotOptimize(out.data());
                });
            });
            count(state);
        })
        ->Unit(benchmark::kMicrosecond)
        ->UseManualTime()
        ->MinTime(0.05);
    benchmark::RegisterBenchmark(
        ("codec/decode/" + name).c_str(),
        [&all](benchmark::State& state) {
            std::vector<std::string> texts;
            for_each_event(all, [&](auto const& event) { Codec::encode(event, texts.emplace_back()); });
            measure_processor_time(state, [&] {
                auto text = texts.begin();
                for_each_event(all, [&](auto const& event) {
                    std::remove_cvref_t<decltype(event)> read;
                    benchmark::DoNotOptimize(Codec::decode(*text++, read));
                    benchmark::DoNotOptimize(read);
                });
            });
            count(state);
        })
        ->Unit(benchmark::kMicrosecond)
        ->UseManualTime()
        ->MinTime(0.05);
    return true;
}

} // namespace

int main(int arguments_count, char** arguments) {
    std::string interleaving = "--benchmark_enable_random_interleaving=true";
    std::vector<char*> all{arguments, arguments + arguments_count};
    all.insert(all.begin() + 1, interleaving.data());
    auto size = static_cast<int>(all.size());
    benchmark::Initialize(&size, all.data());
    if (benchmark::ReportUnrecognizedArguments(size, all.data()))
        return 2;
    benchmark::AddCustomContext("compiler", CONVERGE_COMPILER);
    auto const events_of_all = drawn();
    if (!add<floor_json>("floor", events_of_all) || !add<converge_json>("converge", events_of_all) ||
        !add<nlohmann_json>("nlohmann", events_of_all) || !add<nlohmann_cbor>("nlohmann_cbor", events_of_all))
        return 1;
    benchmark::RunSpecifiedBenchmarks();
}
