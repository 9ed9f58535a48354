// SPDX-License-Identifier: MIT
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <nats/nats.h>
#include <store/jetstream_fixture.hpp>
#include <string>
#include <temporary_directory.hpp>

// A connection that nobody listens to, with a server that is who it says it is.

namespace {

using converge::jetstream_options;
using converge::jetstream_store;
using converge::store_trouble;
using namespace converge::testing::detail;
using namespace std::chrono_literals;

auto const any = converge::expected_version::any();

/// Certificates that are made by openssl.
class certificates {
public:
    /// One that vouches for itself, for `name` ("IP:127.0.0.1").
    void make(std::string const& file, std::string const& name) const {
        run("req -new -x509 -days 2 -nodes -subj /CN=converge -addext subjectAltName=" + name + " -keyout " +
            key(file) + " -out " + certificate(file));
    }
    std::string certificate(std::string const& file) const { return (directory_ / (file + ".crt")).string(); }
    std::string key(std::string const& file) const { return (directory_ / (file + ".key")).string(); }

private:
    void run(std::string const& arguments) const {
        auto const line = "openssl " + arguments + " >" + (directory_ / "log").string() + " 2>&1";
        REQUIRE(std::system(line.c_str()) == 0); // NOLINT: our own words
    }

    temporary_directory directory_;
};

/// What a client is told: whom it trusts, and by which certificate the server may know it.
jetstream_options
trusting(std::string const& authority, std::string const& own = "", std::string const& key = "") {
    return {.timeout = 2s, .attempt_timeout = 500ms, .configure = [=](natsOptions* options) {
                if (!authority.empty())
                    natsOptions_LoadCATrustedCertificates(options, authority.c_str());
                if (!own.empty())
                    natsOptions_LoadCertificatesChain(options, own.c_str(), key.c_str());
            }};
}

std::string tls_url(nats_server const& server) { return "tls" + server.url().substr(server.url().find(':')); }

void check_refused(std::string const& url, jetstream_options const& options, std::string const& why) {
    auto const refused = refusal_of([&] { jetstream_store{url, options}; });
    CHECK(refused.trouble == store_trouble::unavailable);
    CHECK_MESSAGE(refused.message.starts_with(url + ": cannot connect: "), refused.message);
    CHECK_MESSAGE(refused.message.find(why) != std::string::npos, refused.message);
}

} // namespace

TEST_CASE("a store speaks TLS with a server that it trusts, and with no other") {
    CONVERGE_NEEDS_NATS_SERVER()
    certificates const made;
    made.make("server", "IP:127.0.0.1");
    made.make("other", "IP:127.0.0.1");
    nats_server const server{
        {.more = "tls { cert_file: \"" + made.certificate("server") + "\", key_file: \"" +
                 made.key("server") + "\" }"}};
    auto const url = tls_url(server);
    SUBCASE("the one it trusts") {
        jetstream_store store{url, trusting(made.certificate("server"))};
        append(store, "orders", "one", any, {event_of(0)}).value();
        // As many as go over a second connection.
        auto const events = events_of(1, 20);
        std::vector<converge::append_request> requests;
        for (auto const& event : events)
            requests.push_back({"orders", "one", any, {&event, 1}});
        for (auto const& each : store.append_each(requests))
            CHECK(each.has_value());
        CHECK(all_of(store, "orders").size() == 21);
    }
    SUBCASE("another authority") {
        check_refused(url, trusting(made.certificate("other")), "signed certificate");
    }
    SUBCASE("the authorities of the system, which do not know it") {
        check_refused(url, trusting(""), "signed certificate");
    }
    SUBCASE("a URL that does not say TLS: the server asks for it, and is looked at all the same") {
        check_refused(server.url(), trusting(""), "signed certificate");
        jetstream_store store{server.url(), trusting(made.certificate("server"))};
        append(store, "orders", "one", any, {event_of(0)}).value();
    }
}

TEST_CASE("a server with a certificate for another name is refused") {
    CONVERGE_NEEDS_NATS_SERVER()
    certificates const made;
    made.make("server", "DNS:elsewhere.example.org");
    nats_server const server{
        {.more = "tls { cert_file: \"" + made.certificate("server") + "\", key_file: \"" +
                 made.key("server") + "\" }"}};
    check_refused(tls_url(server), trusting(made.certificate("server")), "IP address mismatch");
}

TEST_CASE("a server may ask for the certificate of the store") {
    CONVERGE_NEEDS_NATS_SERVER()
    certificates const made;
    made.make("server", "IP:127.0.0.1");
    made.make("client", "DNS:clerk");
    made.make("stranger", "DNS:stranger");
    nats_server const server{
        {.more = "tls { cert_file: \"" + made.certificate("server") + "\", key_file: \"" +
                 made.key("server") + "\", ca_file: \"" + made.certificate("client") + "\", verify: true }"}};
    auto const url = tls_url(server);
    auto const authority = made.certificate("server");
    SUBCASE("one that it knows") {
        jetstream_store store{url, trusting(authority, made.certificate("client"), made.key("client"))};
        append(store, "orders", "one", any, {event_of(0)}).value();
        CHECK(all_of(store, "orders").size() == 1);
    }
    SUBCASE("one that it does not know") {
        check_refused(url, trusting(authority, made.certificate("stranger"), made.key("stranger")), "");
    }
    SUBCASE("none") { check_refused(url, trusting(authority), ""); }
}
