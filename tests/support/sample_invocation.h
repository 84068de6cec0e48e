// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"

#include <string>

namespace kiln::test {

/// A revision as history needs it: a name and a hash.
[[nodiscard]] inline RevisionPtr revisionOf(const std::string &function)
{
    auto revision = std::make_shared<Revision>();
    revision->settings.name = function;
    revision->settings.handler = "handler.handler";
    revision->hash = std::string(64 - function.size() % 32, 'a') + std::string(function.size() % 32, 'b');
    revision->hash.replace(0, std::min<std::size_t>(function.size(), 30), function.substr(0, 30));
    return revision;
}

/// A finished invocation with something in every field.
[[nodiscard]] inline Invocation invocationOf(RevisionPtr revision, WallTime accepted)
{
    using namespace std::chrono_literals;
    Invocation invocation;
    invocation.id = Uuid::next(accepted);
    invocation.revision = std::move(revision);
    invocation.accepted = accepted;
    invocation.event = {.id = Uuid::next(accepted).text(),
                        .source = "kiln:manual",
                        .type = "kiln.manual",
                        .subject = "subject",
                        .dataContentType = "application/json",
                        .time = accepted - 3ms,
                        .data = payload(R"({"x":1})")};
    invocation.response = payload(R"({"ok":true})");
    invocation.start = Start::Cold;
    invocation.tier = Tier::SoftMemory;
    invocation.worker = 7;
    invocation.phases = {1us, 2us, 3us, 4us, 5ms, 6us};
    invocation.usage = {64_MB, 4ms, ByteSize{30}};
    invocation.logs = {{accepted + 1ms, LogLevel::System, "START"},
                       {accepted + 2ms, LogLevel::Info, "hello"},
                       {accepted + 3ms, LogLevel::System, "END"}};
    return invocation;
}

} // namespace kiln::test
