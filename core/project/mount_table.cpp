// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/mount_table.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>

namespace fs = std::filesystem;

namespace kiln {

namespace {

/// Of those that answer from this machine's memory or disks. Any other may be somewhere else.
constexpr std::array<std::string_view, 17> localTypes{"bcachefs", "btrfs", "erofs",   "exfat", "ext2",   "ext3",
                                                      "ext4",     "f2fs",  "overlay", "ramfs", "rootfs", "squashfs",
                                                      "tmpfs",    "vfat",  "xfs",     "zfs",   "iso9660"};

/// Spaces and their like are written as \040.
std::string unescape(const std::string &text)
{
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
        if (text[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
            plain += char((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

bool isWithin(const fs::path &path, const fs::path &folder)
{
    const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return end == folder.end();
}

} // namespace

MountTable MountTable::parse(std::string_view text)
{
    MountTable table;
    table.m_read = true;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        // 36 35 98:0 /root /place options [optional …] - type source options
        std::istringstream fields(line);
        std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
        const auto dash = std::find(words.begin(), words.end(), "-");
        if (words.size() < 7 || dash == words.end() || std::next(dash) == words.end())
            continue;
        const bool local = std::find(localTypes.begin(), localTypes.end(), *std::next(dash)) != localTypes.end();
        table.m_mounts.push_back({unescape(words[4]), local});
    }
    return table;
}

bool MountTable::mayBlock(const fs::path &path)
{
    if (!m_read) {
        std::ifstream file("/proc/self/mountinfo");
        *this = parse(std::string(std::istreambuf_iterator<char>(file), {}));
    }
    bool local = false;
    std::size_t longest = 0;
    for (const Mount &mount : m_mounts) {
        const std::size_t length = mount.place.native().size();
        if (length >= longest && isWithin(path, mount.place)) {
            longest = length;
            local = mount.local;
        }
    }
    return !local;
}

} // namespace kiln
