// SPDX-License-Identifier: MIT
#pragma once

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <temporary_directory.hpp>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

/// A port of the loopback interface on which nobody listens now.
inline int free_port() {
    auto const socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto const bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(socket);
    if (!bound)
        throw std::runtime_error{"no free port"};
    return ntohs(address.sin_port);
}

/// Whether somebody takes connections on a port of the loopback interface.
inline bool listens(int port) {
    auto const socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    auto const connected = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return connected;
}

/// Where the server's program is; empty when it is not installed.
inline std::string nats_server_program() {
    std::string path = std::getenv("PATH") == nullptr ? "" : std::getenv("PATH");
    std::istringstream directories{path + ":/usr/sbin:/usr/bin:/usr/local/bin"};
    for (std::string directory; std::getline(directories, directory, ':');)
        if (auto const program = directory + "/nats-server"; ::access(program.c_str(), X_OK) == 0)
            return program;
    return {};
}

/// Why tests that need a server are skipped; empty when they are not. With CONVERGE_REQUIRE_SERVERS in the
/// environment, as in CI, it throws instead.
inline std::string no_nats_server() {
    if (!nats_server_program().empty())
        return {};
    std::string const reason = "there is no nats-server here (Debian: nats-server)";
    if (std::getenv("CONVERGE_REQUIRE_SERVERS") != nullptr)
        throw std::runtime_error{reason};
    return "skipped, no server: " + reason;
}

/// A NATS server with JetStream, in a directory of its own, on the loopback interface. It ends with the
/// object, and with the program, however that ends. Made and started by the thread that lives longest.
class nats_server {
public:
    struct settings {
        std::string name = "alone";
        int port = free_port();
        std::string more = {}; ///< of the configuration
        /// Each write waits for the disk, as with `sync_interval: always`. The server of Debian 12 does not
        /// know that yet; the file system does the same for files that have the attribute S.
        bool durable = false;
    };

    nats_server() : nats_server{settings{}} {}
    explicit nats_server(settings wanted) : settings_{std::move(wanted)} {
        std::ofstream{directory_ / "server.conf"}
            << "server_name: " << settings_.name << "\nlisten: 127.0.0.1:" << settings_.port
            << "\nmax_payload: 67108864\njetstream { store_dir: \"" << (directory_ / "data").string()
            << "\" }\n"
            << settings_.more << '\n';
        std::filesystem::create_directory(directory_ / "data");
        if (settings_.durable)
            durable_ =
                std::system(("chattr +S " + (directory_ / "data").string() + " 2>/dev/null").c_str()) == 0;
        start();
    }
    nats_server(nats_server&& other) noexcept
        : settings_{std::move(other.settings_)}, directory_{std::move(other.directory_)},
          durable_{other.durable_}, process_{std::exchange(other.process_, -1)} {}
    nats_server& operator=(nats_server&&) = delete;
    ~nats_server() { end(SIGKILL); }

    std::string url() const { return "nats://127.0.0.1:" + std::to_string(settings_.port); }
    std::string url(std::string const& user, std::string const& password) const {
        return "nats://" + user + ":" + password + "@127.0.0.1:" + std::to_string(settings_.port);
    }
    ::pid_t process() const noexcept { return process_; }
    bool durable() const noexcept { return durable_; }

    /// Starts it (again), and waits until it takes connections.
    void start() {
        auto const program = nats_server_program();
        auto const config = (directory_ / "server.conf").string();
        auto const log = (directory_ / "log").string();
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
            auto const said = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
            ::dup2(said, STDOUT_FILENO);
            ::dup2(said, STDERR_FILENO);
            ::execl(program.c_str(), program.c_str(), "-c", config.c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        for (int tries = 0; tries < 1000; ++tries) {
            if (listens(settings_.port))
                return;
            if (::waitpid(process_, nullptr, WNOHANG) != 0) {
                process_ = -1;
                break;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
        std::ostringstream said;
        said << std::ifstream{log}.rdbuf();
        end(SIGKILL);
        throw std::runtime_error{"the NATS server does not start:\n" + said.str()};
    }

    /// Ends it with a signal, and waits for the end.
    void end(int signal) noexcept {
        if (process_ <= 0)
            return;
        ::kill(process_, signal);
        ::waitpid(process_, nullptr, 0);
        process_ = -1;
    }

private:
    settings settings_;
    temporary_directory directory_;
    bool durable_ = false;
    ::pid_t process_ = -1;
};
