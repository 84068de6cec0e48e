// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/cli/places.h"
#include "app/control/control_client.h"
#include "core/api/json_text.h"
#include "core/base/base64.h"
#include "core/project/secret_file.h"

#include <boost/json.hpp>

#include <cstdio>
#include <iostream>
#include <iterator>
#include <termios.h>
#include <unistd.h>

namespace kiln {

namespace json = boost::json;

namespace {

/// Not shown while it is typed, and never an argument, which all users of the machine can see. One line break at the
/// end, as `echo` makes it, is not part of it.
std::string readValue(const std::string &name)
{
    termios before{};
    const bool typed = ::isatty(STDIN_FILENO) != 0 && ::tcgetattr(STDIN_FILENO, &before) == 0;
    std::string value;
    if (typed) {
        termios hidden = before;
        hidden.c_lflag &= ~tcflag_t(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
        std::fprintf(stderr, "Value of %s: ", name.c_str());
        std::getline(std::cin, value);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        std::fputc('\n', stderr);
        return value;
    }
    value.assign(std::istreambuf_iterator<char>(std::cin), {});
    if (value.ends_with('\n'))
        value.pop_back();
    return value;
}

Result<int> change(const CommonOptions &common, const std::string &name, const std::optional<std::string> &value)
{
    const Result<std::filesystem::path> workspace = findWorkspace(common.workspace);
    if (!workspace)
        return tl::make_unexpected(workspace.error());
    if (std::optional<ControlClient> running = ControlClient::connect(*workspace)) {
        // By the engine that has it open: its workers get the new value.
        json::object request{{"do", "secret"}, {"action", value ? "set" : "remove"}, {"name", name}};
        if (value)
            request["value"] = toBase64(*value);
        const Result<json::object> done = running->ask(request);
        if (!done)
            return tl::make_unexpected(done.error());
    } else {
        const SecretFile file(*workspace);
        if (const Result<> done = value ? file.set(name, *value) : file.remove(name); !done)
            return tl::make_unexpected(done.error());
    }
    if (!common.json)
        std::printf("%s %s\n", name.c_str(), value ? "has a value" : "is removed");
    return CommandLine::Done;
}

} // namespace

Result<int> runSecretSet(const CommonOptions &common, const SecretOptions &options)
{
    return change(common, options.name, readValue(options.name));
}

Result<int> runSecretRemove(const CommonOptions &common, const SecretOptions &options)
{
    return change(common, options.name, std::nullopt);
}

Result<int> runSecretList(const CommonOptions &common)
{
    const Result<std::filesystem::path> workspace = findWorkspace(common.workspace);
    if (!workspace)
        return tl::make_unexpected(workspace.error());
    const auto values = SecretFile(*workspace).read();
    if (!values)
        return tl::make_unexpected(values.error());
    for (const auto &[name, value] : *values)
        std::printf("%s\n", common.json ? jsonText(json::object{{"name", name}}).c_str() : name.c_str());
    return CommandLine::Done;
}

} // namespace kiln
