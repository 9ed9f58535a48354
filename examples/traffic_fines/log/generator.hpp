// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <examples/traffic_fines/log/row.hpp>
#include <random>
#include <string>
#include <string_view>

namespace traffic_fines {

/// A history of the log and how many of 10,000 cases have it. A letter is an activity: Create fine, Send
/// fine, insert Notification, add Penalty, credit collection (X), paYment, insert Date of appeal, send
/// Appeal, receive Result, notify Offender, appeal to Judge.
struct known_history {
    std::uint32_t cases;
    std::string_view letters;
};

/// The 44 histories of the sample of 10,000 cases in the R package eventdataR.
inline constexpr std::array<known_history, 44> known_histories{{
    {3428, "CY"},      {3273, "CSNPX"},  {1890, "CS"},     {758, "CSNPY"},   {250, "CSNPYY"},
    {151, "CSNDPA"},   {78, "CSNPYX"},   {37, "CSY"},      {24, "CSNPDA"},   {13, "CSNYPY"},
    {10, "CSNDAPROX"}, {9, "CSNDPAROY"}, {8, "CSNPDAROY"}, {7, "CSNJPY"},    {6, "CSNJPX"},
    {5, "CSNDPAROX"},  {5, "CSNPYYY"},   {4, "CYSNPX"},    {3, "CSNDPAROJ"}, {3, "CSNPDROXA"},
    {3, "CSNYPX"},     {3, "CYS"},       {3, "CYSNPY"},    {3, "CYSY"},      {2, "CSNDAPROY"},
    {2, "CSNDAROPY"},  {2, "CSNDARPOY"}, {2, "CSNDYPA"},   {2, "CSNPDAROX"}, {2, "CYY"},
    {1, "CSDA"},       {1, "CSDNPY"},    {1, "CSNDAROPX"}, {1, "CSNDPROJ"},  {1, "CSNJDPA"},
    {1, "CSNPDAROJ"},  {1, "CSNPDROY"},  {1, "CSNPDROYY"}, {1, "CSNPDYRY"},  {1, "CSNPORX"},
    {1, "CSNPRO"},     {1, "CSNPROY"},   {1, "CSYNPX"},    {1, "CSYY"},
}};

/// Makes a log of the published shape: the same for the same seed on every machine.
class log_generator {
public:
    explicit log_generator(std::uint64_t seed) : random_{seed} {}

    /// Calls `on_row(row, number)` for each event of `cases` cases.
    template <class OnRow> void generate(std::size_t cases, OnRow&& on_row) {
        std::size_t number = 0;
        for (std::size_t at = 0; at < cases; ++at) {
            case_ = {
                std::string{"G"}.append(std::to_string(at + 1)),
                day(2006, 1, 1) + std::chrono::days{below(1500)}};
            for (auto const letter : pick_history())
                on_row(make(letter), ++number);
        }
    }

private:
    struct case_state {
        std::string id;
        std::chrono::sys_days today;
        std::int64_t amount = 0;
        std::int64_t expense = 0;
        std::int64_t paid = 0;
        bool dismissed = false;
    };

    static std::chrono::sys_days day(int year, unsigned month, unsigned of_month) {
        return std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month};
    }

    /// A number in [0, limit). The engine is the same everywhere, the standard distributions are not; the
    /// bias of the remainder is below 2^-40 here.
    std::int64_t below(std::int64_t limit) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
    }
    bool chance(std::int64_t in_thousand) { return below(1000) < in_thousand; }

    std::string_view pick_history() {
        auto left = below(10'000);
        for (auto const& each : known_histories)
            if ((left -= each.cases) < 0)
                return each.letters;
        return known_histories.front().letters;
    }

    log_row make(char letter) {
        log_row row;
        row.case_id = case_.id;
        switch (letter) {
        case 'C':
            create(row);
            break;
        case 'S':
            row.what = activity::send_fine;
            case_.today += std::chrono::days{60 + below(80)};
            row.expense = case_.expense = chance(800) ? 1300 : chance(500) ? 1100 : 1860;
            break;
        case 'N':
            next(row, activity::insert_notification, 5, 30);
            break;
        case 'P':
            next(row, activity::add_penalty, 60, 1);
            row.amount = case_.amount = case_.amount * 2 + (chance(800) ? 200 : 0);
            break;
        case 'X':
            next(row, activity::send_for_collection, 300, 400);
            break;
        case 'Y':
            pay(row);
            break;
        case 'D':
            next(row, activity::insert_appeal_date, 5, 40);
            break;
        case 'A':
            next(row, activity::send_appeal, 5, 40);
            dismiss(row, 600, "#");
            break;
        case 'R':
            next(row, activity::receive_appeal_result, 20, 60);
            break;
        case 'O':
            next(row, activity::notify_appeal_result, 5, 30);
            break;
        default:
            next(row, activity::appeal_to_judge, 5, 40);
            dismiss(row, 160, "G");
        }
        row.day = case_.today;
        return row;
    }

    void next(log_row& row, activity what, std::int64_t days, std::int64_t spread) {
        row.what = what;
        case_.today += std::chrono::days{days + below(spread)};
    }

    void create(log_row& row) {
        row.what = activity::create_fine;
        row.amount = case_.amount = chance(800) ? 3600 : chance(500) ? 3500 : 2200;
        dismiss(row, 1, "5");
    }

    void dismiss(log_row& row, std::int64_t in_thousand, char const* code) {
        if (chance(in_thousand))
            row.dismissal = code;
    }

    // Most pay what is due; some a part, some too much.
    void pay(log_row& row) {
        next(row, activity::payment, 1, 60);
        auto const open = case_.amount + case_.expense - case_.paid;
        row.payment = open > 0 && chance(920)      ? open
                      : open > 2000 && chance(700) ? case_.amount / 2
                                                   : 1000 + 100 * below(40);
        row.total_payment = case_.paid += row.payment;
    }

    std::mt19937_64 random_;
    case_state case_;
};

} // namespace traffic_fines
