// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/socket_table.h"

#include "core/base/utf8.h"
#include "core/sandbox/process_status.h"
#include "core/sandbox/small_file.h"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <sstream>
#include <vector>

namespace kiln {
namespace {

constexpr std::string_view established = "01";
constexpr std::string_view listening = "0A";

template<typename Number> std::optional<Number> hex(std::string_view text)
{
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// "0100007F:1F90": words of the address in the machine's byte order, then the port.
std::string addressText(std::string_view text)
{
    const std::size_t colon = text.find(':');
    if (colon != 8 && colon != 32)
        return "?";
    std::array<std::uint32_t, 4> words{};
    for (std::size_t word = 0; word < colon / 8; ++word)
        words[word] = hex<std::uint32_t>(text.substr(word * 8, 8)).value_or(0);
    const bool six = colon == 32;
    char address[INET6_ADDRSTRLEN] = {};
    ::inet_ntop(six ? AF_INET6 : AF_INET, words.data(), address, sizeof address);
    const std::string port = std::to_string(hex<std::uint16_t>(text.substr(colon + 1)).value_or(0));
    return (six ? "[" + std::string(address) + "]" : std::string(address)) + ":" + port;
}

std::vector<std::string> words(const std::string &line)
{
    std::istringstream stream(line);
    std::vector<std::string> all;
    for (std::string word; stream >> word;)
        all.push_back(std::move(word));
    return all;
}

std::optional<std::uint64_t> inodeOf(const std::string &word)
{
    std::uint64_t inode = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), inode);
    return error == std::errc() ? std::optional(inode) : std::nullopt;
}

} // namespace

SocketTable SocketTable::read(int pid)
{
    SocketTable table;
    const std::filesystem::path net = processFolder(pid) / "net";
    for (const auto &[file, protocol] :
         {std::pair("tcp", "TCP"), std::pair("tcp6", "TCP"), std::pair("udp", "UDP"), std::pair("udp6", "UDP")})
        table.addInternet(readSmallFile(net / file).value_or(std::string()), protocol);
    table.addUnix(readSmallFile(net / "unix").value_or(std::string()));
    return table;
}

void SocketTable::addInternet(std::string_view table, std::string_view protocol)
{
    std::istringstream lines{std::string(table)};
    for (std::string line; std::getline(lines, line);) {
        const std::vector<std::string> fields = words(line);
        const auto inode = fields.size() > 9 ? inodeOf(fields[9]) : std::nullopt;
        if (!inode || *inode == 0)
            continue;
        std::string text(protocol);
        if (fields[3] == listening)
            text += ", listens on " + addressText(fields[1]);
        else if (fields[3] == established)
            text += ", " + addressText(fields[1]) + " to " + addressText(fields[2]);
        else
            text += ", at " + addressText(fields[1]);
        m_texts[*inode] = std::move(text);
    }
}

void SocketTable::addUnix(std::string_view table)
{
    constexpr std::string_view accepts = "00010000"; // __SO_ACCEPTCON
    std::istringstream lines{std::string(table)};
    for (std::string line; std::getline(lines, line);) {
        const std::vector<std::string> fields = words(line);
        const auto inode = fields.size() > 6 ? inodeOf(fields[6]) : std::nullopt;
        if (!inode)
            continue;
        std::string text = fields[3] == accepts ? "UNIX, listens" : "UNIX";
        if (fields.size() > 7)
            text += (fields[3] == accepts ? " on " : " at ") + toUtf8(fields[7]);
        m_texts[*inode] = std::move(text);
    }
}

std::string SocketTable::describe(std::uint64_t inode) const
{
    const auto found = m_texts.find(inode);
    return found == m_texts.end() ? "a socket" : found->second;
}

} // namespace kiln
