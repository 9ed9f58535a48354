// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <examples/program.hpp>
#include <examples/traffic_fines/log/csv_writer.hpp>
#include <examples/traffic_fines/log/generator.hpp>
#include <examples/traffic_fines/log/open.hpp>
#include <map>
#include <temporary_directory.hpp>
#include <vector>

using namespace traffic_fines;
using namespace std::string_literals;

namespace {

std::string const header =
    "case_id,activity,timestamp,amount,dismissal,expense,paymentamount,totalpaymentamount\n";

/// What is said of a log with this content, in place of the file's name FILE; the number of rows before it if
/// nothing is wrong.
std::string judge(std::string const& content, char const* name = "log.csv") {
    temporary_directory const directory;
    auto const path = directory / name;
    std::ofstream{path, std::ios::binary} << content;
    std::size_t rows = 0;
    try {
        read_log(path, [&](log_row const&, std::size_t) { ++rows; }, [](double) {});
    } catch (log_error const& error) {
        std::string text = error.what();
        auto const at = text.find(path.string());
        return at == std::string::npos ? text : text.replace(at, path.string().size(), "FILE");
    }
    return std::to_string(rows) + " rows";
}

std::vector<log_row> generated(std::size_t cases, std::uint64_t seed = 1) {
    std::vector<log_row> rows;
    log_generator{seed}.generate(cases, [&](log_row const& row, std::size_t) { rows.push_back(row); });
    return rows;
}

} // namespace

TEST_CASE("a log that is wrong is refused with the line and what is there") {
    auto const good = header + "A1,Create Fine,2006-07-24T00:00:00,35.0,NIL,,,\n";
    CHECK(judge(good) == "1 rows");
    CHECK(judge(good + ",Send Fine,2006-12-05T00:00:00,,NIL,11.0,,\n") == "FILE:3: the row has no case");
    CHECK(
        judge(good + "A1,Send Fine,2006-13-05T00:00:00,,NIL,11.0,,\n") ==
        "FILE:3: the timestamp is no date: '2006-13-05T00:00:00'");
    CHECK(
        judge(good + "A1,Send Fine,yesterday,,NIL,11.0,,\n") ==
        "FILE:3: the timestamp is no date: 'yesterday'");
    CHECK(
        judge(good + "A1,Eat Fine,2006-12-05T00:00:00,,NIL,11.0,,\n") ==
        "FILE:3: unknown activity 'Eat Fine'; known are: Create Fine, Send Fine, Insert Fine Notification, "
        "Add "
        "penalty, Send for Credit Collection, Payment, Insert Date Appeal to Prefecture, Send Appeal to "
        "Prefecture, Receive Result Appeal from Prefecture, Notify Result Appeal to Offender, Appeal to "
        "Judge");
    CHECK(
        judge(good + "A1,Send Fine,2006-12-05T00:00:00,,NIL,much,,\n") ==
        "FILE:3: the expense is no sum of money: 'much'");
    CHECK(judge(good + "A1,Send Fine\n") == "FILE:3: the row has 2 fields, the header has 8");
    CHECK(
        judge(good + "\"A1,Send Fine,2006-12-05T00:00:00,,NIL,11.0,,\n") ==
        "FILE:3: the quote that begins here is never closed");
    CHECK(
        judge("case_id,activity,timestamp,amount,dismissal,expense,paymentamount\n") ==
        "FILE:1: the header lacks: 'totalpaymentamount'");
    CHECK(
        judge(good + "A1,Payment,2006-12-05T00:00:00,,NIL,,90000.0,35.0\n") ==
        "FILE:3: the paymentamount '90000.0' is more than the totalpaymentamount '35.0'");
    CHECK(
        judge(good + "A\xFC,Send Fine,2006-12-05T00:00:00,,NIL,11.0,,\n") ==
        "FILE:3: the case 'A\\xFC' is not UTF-8 at byte 1");
    CHECK(
        judge(good + "A\0,Send Fine,2006-12-05T00:00:00,,NIL,11.0,,\n"s) ==
        "FILE:3: the case 'A\\x00' has a NUL at byte 1");
    CHECK(
        judge(good + std::string(1001, 'A') + ",Send Fine,2006-12-05T00:00:00,,NIL,11.0,,\n") ==
        "FILE:3: the case '" + std::string(64, 'A') + "...' has 1001 bytes, at most 1000 are allowed");
    CHECK(
        judge(good + "A1,Send Fine,2006-12-05T00:00:00,,\xFC,11.0,,\n") ==
        "FILE:3: the dismissal '\\xFC' is not UTF-8 at byte 0");
    CHECK(
        judge(good + "\n" + std::string(std::size_t{1} << 21U, 'x')) ==
        "FILE:4: the row that begins here is longer than 1048576 bytes");
    CHECK(judge(good + "A1,Appeal to Judge,2006-12-05T00:00:00,,\"N\nIL\",,,\nA1,x,,,,,,\n")
              .starts_with("FILE:5: unknown activity 'x'"));
    CHECK(judge(good + "\"A1\"x,Send Fine,,,,,,\n") == "FILE:3: something follows a closing quote");
    CHECK(
        judge(good + "A1,Payment,2006-12-05T00:00:00,,NIL,,350.5,35.0\n") ==
        "FILE:3: the paymentamount has decimals: '350.5'");
    CHECK(judge("") == "FILE: the log is empty");
    CHECK(
        judge("nonsense") == "FILE:1: the header lacks: 'case_id', 'activity', 'timestamp', 'amount', "
                             "'expense', 'paymentamount', 'totalpaymentamount', 'dismissal'");
}

TEST_CASE("a log as other programs write it is read: byte order mark, CRLF, quotes, no last line end") {
    CHECK(judge("\xEF\xBB\xBF" + header + "A1,Create Fine,2006-07-24T00:00:00,35.0,NIL,,,\n") == "1 rows");
    std::string crlf =
        header + "A1,\"Create Fine\",2006-07-24,35.0,NIL,,,\n\nA1,Payment,2006-08-24,,NIL,,350.0,35.0";
    for (auto at = crlf.find('\n'); at != std::string::npos; at = crlf.find('\n', at + 2))
        crlf.insert(at, "\r");
    CHECK(judge(crlf) == "2 rows");
    CHECK(judge(crlf + "\r\n") == "2 rows");
}

TEST_CASE("a date is a day of the calendar, with a time of day or without") {
    for (auto const* good :
         {"2006-07-24", "2008-02-29", "2006-07-24T23:59:60", "2006-07-24T00:00:00Z",
          "2006-07-24T00:00:00.000+02:00", "2006-07-24T00:00:00-11:00", "2006-07-24T12:00:00.5"})
        CHECK_MESSAGE(parse_day(good).has_value(), good);
    for (auto const* bad :
         {"", "2006", "2006-07-32", "2006-02-29", "2006-13-01", "2006-00-10", "24.07.2006",
          "2006-07-24 00:00:00", "2006-07-24T", "2006-07-24Tnoon", "2006-07-24T24:00:00",
          "2006-07-24T00:60:00", "2006-07-24T00:00:61", "2006-07-24T00:00:00.", "2006-07-24T00:00:00+2",
          "2006-07-24T00:00:00 ", "2006-07-24x", "-006-07-24"})
        CHECK_MESSAGE(!parse_day(bad).has_value(), bad);
}

TEST_CASE("a file that is not there, or no file, is refused") {
    temporary_directory const directory;
    auto const nothing = [](log_row const&, std::size_t) {};
    auto const missing = directory / "none.csv";
    CHECK_THROWS_WITH_AS(
        read_log(missing, nothing, [](double) {}),
        (missing.string() + ": cannot be opened: No such file or directory").c_str(), log_error);
    CHECK_THROWS_WITH_AS(
        read_log(directory.path(), nothing, [](double) {}),
        (directory.path().string() + ": is a directory, not a log").c_str(), log_error);
}

TEST_CASE("what is generated, written and read is the same, plain and gzip") {
    auto const rows = generated(500);
    temporary_directory const directory;
    for (auto const* name : {"log.csv", "log.csv.gz"}) {
        {
            csv_writer writer{directory / name};
            for (auto const& row : rows)
                writer.write(row);
            writer.close();
        }
        std::vector<log_row> again;
        read_log(
            directory / name, [&](log_row const& row, std::size_t) { again.push_back(row); }, [](double) {});
        CHECK(again == rows);
    }
    auto const packed = content_of(directory / "log.csv.gz");
    CHECK(packed.substr(0, 2) == "\x1F\x8B");
    CHECK(judge(packed.substr(0, packed.size() / 2), "log.csv.gz") == "FILE: the gzip file is truncated");
    CHECK(judge(packed.substr(0, packed.size() - 4), "log.csv.gz") == "FILE: the gzip file is truncated");
    auto damaged = packed;
    damaged[damaged.size() - 6] ^= 1; // in the checksum
    CHECK(judge(damaged, "log.csv.gz").starts_with("FILE: the gzip file is damaged: "));
}

TEST_CASE("the generated log has the published frequencies") {
    constexpr std::size_t cases = 10'000;
    std::map<std::string, std::string> histories;
    std::map<activity, char> const letters{
        {activity::create_fine, 'C'},           {activity::send_fine, 'S'},
        {activity::insert_notification, 'N'},   {activity::add_penalty, 'P'},
        {activity::send_for_collection, 'X'},   {activity::payment, 'Y'},
        {activity::insert_appeal_date, 'D'},    {activity::send_appeal, 'A'},
        {activity::receive_appeal_result, 'R'}, {activity::notify_appeal_result, 'O'},
        {activity::appeal_to_judge, 'J'}};
    for (auto const& row : generated(cases))
        histories[row.case_id] += letters.at(row.what);
    REQUIRE(histories.size() == cases);
    std::map<std::string, double> counted;
    for (auto const& [id, history] : histories)
        ++counted[history];
    for (auto const& known : known_histories) {
        CAPTURE(known.letters);
        auto const expected = static_cast<double>(known.cases);
        // Five standard deviations of a binomial count.
        CHECK(std::abs(counted[std::string{known.letters}] - expected) <= 5 * std::sqrt(expected) + 1);
    }
    CHECK(generated(50, 7) == generated(50, 7));
    CHECK(generated(50, 7) != generated(50, 8));
}

TEST_CASE("XES says the same as CSV") {
    std::string const xes = R"(<?xml version="1.0"?>
<log xes.version="1.0"><extension name="Concept"/>
 <trace><string key="concept:name" value="A1"/>
  <event><string key="concept:name" value="Create Fine"/><date key="time:timestamp" value="2006-07-24T00:00:00+02:00"/>
   <float key="amount" value="35.0"/><string key="dismissal" value="NIL"/></event>
  <event><string key="concept:name" value="Payment"/><date key="time:timestamp" value="2006-08-24T00:00:00+02:00"/>
   <float key="paymentAmount" value="87.0"/><float key="totalPaymentAmount" value="87.0"/></event>
 </trace></log>)";
    auto const csv = header + "A1,Create Fine,2006-07-24T00:00:00,35.0,NIL,,,\n"
                              "A1,Payment,2006-08-24T00:00:00,,NIL,,870.0,87.0\n";
    temporary_directory const directory;
    auto const rows_of = [&](std::string const& content) {
        auto const path = directory / "log";
        std::ofstream{path} << content;
        std::vector<log_row> rows;
        read_log(path, [&](log_row const& row, std::size_t) { rows.push_back(row); }, [](double) {});
        return rows;
    };
    CHECK(rows_of(xes).size() == 2);
    CHECK(rows_of(xes) == rows_of(csv));
    CHECK(judge("<log><trace/></log>") == "FILE: trace 1 has no concept:name");
    CHECK(judge("<html/>") == "FILE: the root element is 'html', not 'log' as in XES");
    CHECK(judge("<log>").starts_with("FILE: is no XML at byte "));
    auto wrong = xes;
    wrong.replace(wrong.find("Payment"), 7, "Prayers");
    CHECK(judge(wrong).starts_with("FILE: trace 'A1': event 2: unknown activity 'Prayers'"));
}
