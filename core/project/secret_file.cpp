// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/secret_file.h"

#include "core/base/base64.h"
#include "core/model/setting_rules.h"
#include "core/project/plain_file.h"

#include <cerrno>

namespace kiln {

namespace {

constexpr std::size_t maxFile = 16 << 20;
constexpr const char *place = ".kiln/secrets";

tl::unexpected<Error> unreadable(const std::string &why)
{
    return fail(Error::Code::Io, "The secrets cannot be read: " + why, place,
                "mend the file, or move it away and set the secrets again");
}

Result<> checkName(const std::string &name)
{
    if (name.size() > 128 || !isVariableName(name) || isReservedVariable(name))
        return fail(Error::Code::InvalidArgument,
                    "A secret's name is letters, digits and _, and none that the runtime sets", name.substr(0, 128));
    return {};
}

} // namespace

Result<std::map<std::string, std::string>> SecretFile::read() const
{
    std::map<std::string, std::string> values;
    const std::filesystem::path file = m_workspace / place;
    if (!isTaken(file))
        return values;
    const auto bytes = readPlainFile(file, maxFile);
    if (!bytes)
        return tl::make_unexpected(bytes.error());
    if ((bytes->mode & 0077) != 0)
        return fail(Error::Code::Untrusted, "Other users may read the secrets", place, "chmod 600 " + file.string());
    std::string_view rest = bytes->bytes;
    for (int line = 1; !rest.empty(); ++line) { // NAME BASE64
        const std::string_view text = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(text.size() + 1, rest.size()));
        if (text.empty() || text.front() == '#')
            continue;
        const std::size_t space = text.find(' ');
        auto value = space == std::string_view::npos ? std::nullopt : fromBase64(text.substr(space + 1));
        const std::string name(text.substr(0, space));
        if (!value || !checkName(name) || value->size() > maxValue || values.size() == maxSecrets)
            return unreadable("line " + std::to_string(line));
        values[name] = *std::move(value);
    }
    return values;
}

Result<> SecretFile::write(const std::map<std::string, std::string> &values) const
{
    std::string text = "# Values of secrets, for this user only: kiln secret set NAME\n";
    for (const auto &[name, value] : values)
        text += name + " " + toBase64(value) + "\n";
    if (auto made = makePlainFolder(m_workspace / ".kiln", 0700); !made)
        return made;
    return writePlainFile(m_workspace / place, text, {.newMode = 0600});
}

Result<> SecretFile::set(const std::string &name, const std::string &value) const
{
    if (auto good = checkName(name); !good)
        return good;
    if (value.empty() || value.size() > maxValue || value.find('\0') != std::string::npos)
        return fail(Error::Code::InvalidArgument, "A secret's value is 1 to 32768 bytes without NUL", name);
    auto values = read();
    if (!values)
        return tl::make_unexpected(values.error());
    (*values)[name] = value;
    if (values->size() > maxSecrets)
        return fail(Error::Code::LimitExceeded, "A workspace has at most 256 secrets", name);
    return write(*values);
}

Result<> SecretFile::remove(const std::string &name) const
{
    auto values = read();
    if (!values)
        return tl::make_unexpected(values.error());
    if (values->erase(name) == 0)
        return fail(Error::Code::NotFound, "There is no secret of this name", name.substr(0, 128));
    return write(*values);
}

} // namespace kiln
