// SPDX-License-Identifier: MIT
#pragma once

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <functional>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

/// Stands between a client and a server on the loopback interface, for one connection at a time, and can lose
/// the server's next answer: the server has done what it was asked, and the client never learns.
class relay {
public:
    explicit relay(int server_port) : server_port_{server_port} {
        listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto address = loopback(0);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address); // NOLINT: what the interface asks for
        if (::bind(listening_, any, size) != 0 || ::listen(listening_, 8) != 0 ||
            ::getsockname(listening_, any, &size) != 0)
            throw std::runtime_error{"no free port"};
        port_ = ::ntohs(address.sin_port);
        thread_ = std::jthread{[this](std::stop_token const& stop) { run(stop); }};
    }
    relay(relay const&) = delete;
    relay& operator=(relay const&) = delete;
    ~relay() {
        thread_.request_stop();
        thread_.join();
        ::close(listening_);
    }

    int port() const noexcept { return port_; }

    /// The next answer, or one `later`, is lost, and the connection with it; then `meanwhile` is called,
    /// before the client can connect again.
    void lose_next_answer(std::function<void()> meanwhile = [] {}, int later = 0) {
        meanwhile_ = std::move(meanwhile);
        losing_ = later + 1;
    }
    /// How many were lost.
    int lost() const noexcept { return lost_; }

private:
    static sockaddr_in loopback(int port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        address.sin_port = ::htons(static_cast<std::uint16_t>(port));
        return address;
    }

    static bool wait(pollfd* descriptors, nfds_t count) {
        constexpr int milliseconds = 10;
        return ::poll(descriptors, count, milliseconds) > 0;
    }

    void run(std::stop_token const& stop) {
        while (!stop.stop_requested()) {
            pollfd coming{listening_, POLLIN, 0};
            if (!wait(&coming, 1))
                continue;
            auto const client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
            auto const server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            auto address = loopback(server_port_);
            auto const* const to = reinterpret_cast<sockaddr*>(&address); // NOLINT: as above
            if (::connect(server, to, sizeof address) == 0)
                pass_on(client, server, stop);
            ::close(client);
            ::close(server);
            if (std::exchange(cut_, false))
                meanwhile_();
        }
    }

    /// Counts the answers down to the one.
    bool is_to_be_lost() {
        if (losing_ == 0)
            return false;
        return --losing_ == 0;
    }

    void pass_on(int client, int server, std::stop_token const& stop) {
        while (!stop.stop_requested()) {
            std::array<pollfd, 2> both{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
            if (!wait(both.data(), both.size()))
                continue;
            for (auto const& from : both) {
                if (from.revents == 0)
                    continue;
                std::array<char, 65536> bytes{};
                auto const size = ::recv(from.fd, bytes.data(), bytes.size(), 0);
                if (size <= 0)
                    return;
                if (from.fd == server && is_to_be_lost()) {
                    ++lost_;
                    cut_ = true;
                    return;
                }
                auto const to = from.fd == client ? server : client;
                if (::send(to, bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) != size)
                    return;
            }
        }
    }

    int server_port_;
    int listening_ = -1;
    int port_ = 0;
    std::function<void()> meanwhile_;
    std::atomic<int> losing_{0}; // after how many; 0: none
    std::atomic<int> lost_{0};
    bool cut_ = false;
    std::jthread thread_; // last: it uses the others
};
