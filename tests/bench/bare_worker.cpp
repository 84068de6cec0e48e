// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/bare_worker.h"

#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace kiln::test {

namespace {

constexpr std::size_t invokeHead = 64; ///< Header and head of an Invoke frame (core/runtime/frames.h).

constexpr const char *pythonLoop = R"(
import json, os
HEADER = bytes(16)
while True:
    request = os.read(3, 65536)
    if not request:
        break
    response = handler(json.loads(str(request[64:], "utf-8")), None)
    os.write(3, HEADER + json.dumps(response).encode())
)";

constexpr const char *nodeLoop = R"(
const fs = require('fs');
const buffer = Buffer.alloc(65536);
(async () => {
    for (;;) {
        const count = fs.readSync(3, buffer, 0, 65536, null);
        if (count === 0)
            break;
        const text = JSON.stringify(await handler(JSON.parse(buffer.toString('utf8', 64, count)), null));
        fs.writeSync(3, buffer, 0, 16 + buffer.write(text, 16), null);
    }
})();
)";

pid_t spawned(std::vector<std::string> arguments, int channel)
{
    std::vector<char *> pointers;
    for (std::string &argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    char path[] = "PATH=/usr/bin:/bin";
    char *const environment[] = {path, nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    if (channel >= 0)
        ::posix_spawn_file_actions_adddup2(&actions, channel, 3);
    pid_t pid = -1;
    if (::posix_spawn(&pid, pointers[0], &actions, nullptr, pointers.data(), environment) != 0)
        pid = -1;
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
}

} // namespace

std::string BareWorker::eventData() { return R"({"a":1,"b":"hello"})"; }

std::string BareWorker::requestOf(std::string_view data) { return std::string(invokeHead, 'h').append(data); }

std::string BareWorker::handlerCode(Language language)
{
    if (language == Language::Python)
        return "import json\ndef handler(event, context):\n"
               "    return {'statusCode': 200, 'body': json.dumps({'ok': True, 'echo': event.get('b')})}\n";
    return "async function handler(event, context) {\n"
           "    return { statusCode: 200, body: JSON.stringify({ ok: true, echo: event.b }) };\n}\n";
}

BareWorker::BareWorker(Language language)
    : m_request(requestOf(eventData()))
    , m_answer(65'536, '\0')
{
    int channel[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
        return;
    m_channel.reset(channel[0]);
    const UniqueFd theirs(channel[1]);
    if (language == Language::Python)
        m_pid = spawned({"/usr/bin/python3", "-I", "-c", handlerCode(language) + pythonLoop}, theirs.get());
    else
        m_pid = spawned({"/usr/bin/node", "-e", handlerCode(language) + nodeLoop}, theirs.get());
}

BareWorker::~BareWorker()
{
    m_channel.reset();
    if (m_pid > 0)
        ::waitpid(m_pid, nullptr, 0); // it ends when its channel does
}

bool BareWorker::roundTrip()
{
    return m_pid > 0 &&
           ::send(m_channel.get(), m_request.data(), m_request.size(), MSG_NOSIGNAL) == ssize_t(m_request.size()) &&
           ::recv(m_channel.get(), m_answer.data(), m_answer.size(), 0) > 0;
}

bool runToExit(std::vector<std::string> arguments)
{
    const pid_t pid = spawned(std::move(arguments), -1);
    int status = 0;
    return pid > 0 && ::waitpid(pid, &status, 0) == pid && status == 0;
}

bool haveBwrap() { return ::access("/usr/bin/bwrap", X_OK) == 0; }

bool runInBwrap(const std::vector<std::string> &program)
{
    std::vector<std::string> arguments{"/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/usr",      "/usr",
                                       "--symlink",      "usr/lib",       "/lib",      "--symlink", "usr/lib64",
                                       "/lib64",         "--proc",        "/proc",     "--dev",     "/dev"};
    arguments.insert(arguments.end(), program.begin(), program.end());
    return runToExit(std::move(arguments));
}

} // namespace kiln::test
