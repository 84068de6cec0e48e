// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/small_file.h"

#include "core/base/unique_fd.h"

#include <cerrno>
#include <charconv>
#include <fcntl.h>

namespace kiln {

std::optional<std::string> readSmallFile(const std::filesystem::path &path)
{
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd)
        return std::nullopt;
    std::string text(64 * 1024, '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
        const ssize_t count = ::read(fd.get(), text.data() + filled, text.size() - filled);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return std::nullopt;
        if (count == 0)
            break;
        filled += std::size_t(count);
    }
    text.resize(filled);
    return text;
}

int writeSmallFile(const std::filesystem::path &path, std::string_view text)
{
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd)
        return errno;
    const ssize_t count = ::write(fd.get(), text.data(), text.size());
    if (count < 0)
        return errno;
    return std::size_t(count) == text.size() ? 0 : EIO;
}

std::optional<std::int64_t> readNumber(const std::filesystem::path &path, std::string_view key)
{
    const auto text = readSmallFile(path);
    return text ? numberIn(*text, key) : std::nullopt;
}

std::optional<std::int64_t> numberIn(std::string_view text, std::string_view key)
{
    std::string_view rest = text;
    while (!key.empty()) {
        const std::size_t end = rest.find('\n');
        if (rest.starts_with(key) && rest.size() > key.size() &&
            (rest[key.size()] == ' ' || rest[key.size()] == '\t')) {
            rest.remove_prefix(key.size() + 1);
            break;
        }
        if (end == std::string_view::npos)
            return std::nullopt;
        rest.remove_prefix(end + 1);
    }
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t'))
        rest.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc())
        return std::nullopt;
    return value;
}

std::optional<std::uint64_t> startTimeOf(int pid, const std::filesystem::path &proc)
{
    const auto text = readSmallFile(proc / std::to_string(pid) / "stat");
    if (!text)
        return std::nullopt;
    // The second field is the command in brackets, which may hold anything; what follows the last bracket is plain.
    const std::size_t bracket = text->rfind(')');
    if (bracket == std::string::npos)
        return std::nullopt;
    std::string_view rest = std::string_view(*text).substr(bracket + 1);
    for (int field = 3; field <= 22; ++field) {
        const std::size_t next = rest.find(' ');
        if (next == std::string_view::npos)
            return std::nullopt;
        rest.remove_prefix(next + 1);
    }
    std::uint64_t value = 0;
    if (std::from_chars(rest.data(), rest.data() + rest.size(), value).ec != std::errc())
        return std::nullopt;
    return value;
}

} // namespace kiln
