// SPDX-License-Identifier: MIT
#pragma once

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <optional>
#include <pwd.h>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/wait.h>
#include <temporary_directory.hpp>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

/// A PostgreSQL server of a test's own, on a free port of the loopback interface, with its data in a
/// temporary directory. It is stopped by its process id at the end of the object, and by the kernel when the
/// test dies.
///
/// The data does not wait for the disk (`fsync` is off): what these tests do to the server, it survives
/// without.
class postgres_server {
public:
    /// Nothing, with the reason, where there is no server on this machine.
    static std::optional<std::string> missing() {
        if (programs().empty())
            return "no PostgreSQL server is installed (Debian: postgresql-15)";
        if (::getuid() == 0 && ::getpwnam("postgres") == nullptr) // NOLINT(concurrency-mt-unsafe)
            return "a PostgreSQL server does not run as root, and there is no user postgres";
        return std::nullopt;
    }

    explicit postgres_server(std::string const& settings = "fsync = off") {
        if (auto const reason = missing())
            throw std::runtime_error{*reason};
        own({directory_.path()});
        auto const made = spawn(
            {programs() / "initdb", "--pgdata", data(), "--username", "owner", "--auth", "trust",
             "--encoding", "UTF8", "--locale", "C", "--no-sync", "--wal-segsize", "1"});
        if (wait_for(made) != 0)
            throw std::runtime_error{"initdb failed:\n" + log()};
        std::ofstream{data() / "postgresql.conf", std::ios::app}
            << "listen_addresses = '127.0.0.1'\nunix_socket_directories = '" << directory_.path().string()
            << "'\nmax_connections = 60\nautovacuum_naptime = 5s\n"
            << settings << '\n';
        start();
    }
    postgres_server(postgres_server const&) = delete;
    postgres_server& operator=(postgres_server const&) = delete;
    ~postgres_server() { stop(SIGQUIT); }

    /// Starts it, on the port it had before.
    void start() {
        // A port that is free may be taken before the server has it: then another one is tried, the first
        // time.
        for (int attempts = 5;; --attempts) {
            auto const is_new = port_ == 0;
            if (is_new)
                port_ = free_port();
            process_ = spawn({programs() / "postgres", "-D", data(), "-p", std::to_string(port_)});
            if (is_ready())
                return;
            stop(SIGQUIT);
            if (!is_new || attempts == 0)
                throw std::runtime_error{"the PostgreSQL server did not start:\n" + log()};
            port_ = 0;
        }
    }

    /// SIGINT: connections are broken, then it shuts down; SIGQUIT: at once, as `pg_ctl stop -m immediate`
    /// does, and the next start recovers from the log.
    void stop(int signal) {
        if (process_ <= 0)
            return;
        ::kill(process_, signal);
        wait_for(std::exchange(process_, 0));
    }

    void restart(int signal) {
        stop(signal);
        start();
    }

    /// Gives files to the user as whom the server runs, and nobody else reads them.
    static void own(std::vector<std::filesystem::path> const& files) {
        for (auto const& file : files) {
            std::filesystem::permissions(
                file, std::filesystem::perms::group_all | std::filesystem::perms::others_all,
                std::filesystem::perm_options::remove);
            if (::getuid() != 0)
                continue;
            auto const* const user = ::getpwnam("postgres"); // NOLINT(concurrency-mt-unsafe)
            if (::chown(file.c_str(), user->pw_uid, user->pw_gid) != 0)
                throw std::runtime_error{"cannot give " + file.string() + " to the user postgres"};
        }
    }

    int port() const noexcept { return port_; }
    std::filesystem::path data() const { return directory_ / "data"; }
    std::filesystem::path const& directory() const noexcept { return directory_.path(); }
    /// A connection string for a user, in a database.
    std::string uri(std::string const& user = "owner", std::string const& database = "postgres") const {
        return "postgresql://" + user + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
    }
    std::string log() const {
        std::ostringstream all;
        all << std::ifstream{directory_ / "log"}.rdbuf();
        return all.str();
    }

private:
    static std::filesystem::path programs() {
        for (auto const* const directory :
             {"/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/17/bin"})
            if (std::filesystem::exists(std::filesystem::path{directory} / "postgres"))
                return directory;
        return {};
    }

    static int free_port() {
        auto const socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address); // NOLINT: what the interface asks for
        auto const bound = ::bind(socket, any, size) == 0 && ::getsockname(socket, any, &size) == 0;
        ::close(socket);
        if (!bound)
            throw std::runtime_error{"no free port"};
        return ::ntohs(address.sin_port);
    }

    /// As the user postgres where we are root, for the server refuses to run as root; and it dies with us.
    pid_t spawn(std::vector<std::string> const& command) const {
        std::vector<std::string> line{"setpriv", "--pdeathsig", "QUIT"};
        if (::getuid() == 0)
            line.insert(line.end(), {"--reuid", "postgres", "--regid", "postgres", "--init-groups"});
        line.insert(line.end(), command.begin(), command.end());
        std::vector<char*> words;
        for (auto& word : line)
            words.push_back(word.data());
        words.push_back(nullptr);
        posix_spawn_file_actions_t files{};
        ::posix_spawn_file_actions_init(&files);
        auto const output = directory_ / "log";
        ::posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
        ::posix_spawn_file_actions_adddup2(&files, 1, 2);
        // The working directory of the test may be one that the user postgres cannot enter.
        ::posix_spawn_file_actions_addchdir_np(&files, directory_.path().c_str());
        pid_t process = 0;
        auto const failed = ::posix_spawnp(&process, "setpriv", &files, nullptr, words.data(), environ);
        ::posix_spawn_file_actions_destroy(&files);
        if (failed != 0)
            throw std::runtime_error{"cannot start setpriv (Debian: util-linux)"};
        return process;
    }

    static int wait_for(pid_t process) {
        int status = -1;
        while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    }

    /// Whether it takes connections, which postmaster.pid says in its eighth line.
    bool is_ready() {
        using namespace std::chrono_literals;
        for (auto const end = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < end;
             std::this_thread::sleep_for(10ms)) {
            if (::waitpid(process_, nullptr, WNOHANG) != 0) {
                process_ = 0;
                return false;
            }
            std::ifstream file{data() / "postmaster.pid"};
            std::string line;
            for (int number = 0; number < 8; ++number)
                std::getline(file, line);
            if (file && line.starts_with("ready"))
                return true;
        }
        return false;
    }

    temporary_directory directory_;
    int port_ = 0;
    pid_t process_ = 0;
};
