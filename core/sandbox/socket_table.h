// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace kiln {

/// The sockets of one network namespace, in words, by inode; as the tables in /proc/PID/net tell them.
class SocketTable
{
public:
    /// Of the network that this process is in.
    [[nodiscard]] static SocketTable read(int pid);

    /// "TCP, listens on 127.0.0.1:8080"; "a socket" for a kind without a table.
    [[nodiscard]] std::string describe(std::uint64_t inode) const;

    /// A table of the format of /proc/net/tcp, or of /proc/net/unix.
    void addInternet(std::string_view table, std::string_view protocol);
    void addUnix(std::string_view table);

private:
    std::map<std::uint64_t, std::string> m_texts;
};

} // namespace kiln
