// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/watcher.h"

#include "core/project/code_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/inotify.h>
#include <system_error>
#include <vector>

namespace fs = std::filesystem;

namespace kiln {

using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t interest = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO |
                                   IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr auto calm = 30ms;
constexpr auto longest = 300ms;
constexpr int maxDepth = 64;

constexpr std::string_view functionsFolder = "functions";

/// "functions/a/lib" → "a"; empty for what is not within a function.
std::string functionOf(std::string_view path)
{
    if (!path.starts_with("functions/"))
        return {};
    path.remove_prefix(std::string_view("functions/").size());
    return std::string(path.substr(0, path.find('/')));
}

bool isBelow(std::string_view path, std::string_view folder)
{
    return path == folder || (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

std::vector<std::string> foldersIn(const fs::path &folder)
{
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->symlink_status(ignored).type() == fs::file_type::directory)
            names.push_back(it->path().filename().string());
    }
    return names;
}

} // namespace

WorkspaceWatcher::WorkspaceWatcher(Loop &loop, Options options, std::function<void(const WorkspaceChange &)> changed)
    : m_loop(loop)
    , m_options(std::move(options))
    , m_changed(std::move(changed))
{}

WorkspaceWatcher::~WorkspaceWatcher()
{
    m_loop.timers().cancel(m_timer);
    m_watch.reset(); // before its descriptor
}

Result<std::unique_ptr<WorkspaceWatcher>> WorkspaceWatcher::open(Loop &loop, Options options,
                                                                 std::function<void(const WorkspaceChange &)> changed)
{
    std::unique_ptr<WorkspaceWatcher> watcher(new WorkspaceWatcher(loop, std::move(options), std::move(changed)));
    if (auto started = watcher->start(); !started)
        return tl::make_unexpected(started.error());
    return watcher;
}

Result<> WorkspaceWatcher::start()
{
    m_fd.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!m_fd)
        return failErrno(Error::Code::Io, errno, "files cannot be watched", m_options.workspace.string(),
                         "raise fs.inotify.max_user_instances (sysctl)");
    rescan();
    if (m_folders.empty())
        return fail(Error::Code::Io, m_problem.empty() ? "this folder cannot be watched" : m_problem,
                    m_options.workspace.string());
    m_watch = m_loop.watch(m_fd.get(), Loop::Readiness::Readable, [this] { read(); });
    return {};
}

void WorkspaceWatcher::rescan()
{
    m_problem.clear();
    if (watch(""))
        watchBelow(std::string(functionsFolder));
}

/// Watches a folder and those in it. Each is watched before it is looked into, so that nothing made in between is
/// missed.
void WorkspaceWatcher::watchBelow(const std::string &path)
{
    const auto depth = std::count(path.begin(), path.end(), '/');
    if (depth > maxDepth || !watch(path))
        return;
    for (const std::string &name : foldersIn(m_options.workspace / path)) {
        if (!isNoCode(name) && !(depth == 0 && name.starts_with('.')))
            watchBelow(path + "/" + name);
    }
}

bool WorkspaceWatcher::watch(const std::string &path)
{
    if (m_folders.size() >= m_options.maxFolders) {
        m_problem = "more than " + std::to_string(m_options.maxFolders) +
                    " folders: changes in the rest are not noticed; keep data out of functions' folders";
        return false;
    }
    const fs::path folder = path.empty() ? m_options.workspace : m_options.workspace / path;
    const int descriptor =
        ::inotify_add_watch(m_fd.get(), folder.c_str(), interest | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK);
    if (descriptor < 0) {
        if (errno == ENOSPC)
            m_problem = "this machine's limit of watched folders is reached, so changes in some are not noticed: raise "
                        "fs.inotify.max_user_watches (sysctl)";
        else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
            m_problem = path + " cannot be watched: " + std::strerror(errno);
        return false;
    }
    m_folders[descriptor] = path;
    return true;
}

/// A folder moved away keeps its watches and would go on telling under its old name.
void WorkspaceWatcher::unwatchBelow(const std::string &path)
{
    for (auto it = m_folders.begin(); it != m_folders.end();) {
        if (isBelow(it->second, path)) {
            ::inotify_rm_watch(m_fd.get(), it->first);
            it = m_folders.erase(it);
        } else {
            ++it;
        }
    }
}

void WorkspaceWatcher::read()
{
    alignas(inotify_event) std::array<char, 64 << 10> buffer; // NOLINT: filled by read
    for (int rounds = 0; rounds < 16; ++rounds) {             // a flood does not keep the engine from other work
        const ssize_t size = ::read(m_fd.get(), buffer.data(), buffer.size());
        if (size <= 0)
            break;
        for (std::size_t at = 0; at + sizeof(inotify_event) <= std::size_t(size);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char *name = buffer.data() + at + sizeof event;
            take(event.wd, event.mask, {name, event.len == 0 ? 0 : ::strnlen(name, event.len)});
            at += sizeof event + event.len;
        }
    }
}

void WorkspaceWatcher::take(int descriptor, std::uint32_t mask, std::string_view name)
{
    if (mask & IN_Q_OVERFLOW) {
        rescan();
        m_pending.workspace = true;
        for (const std::string &each : foldersIn(m_options.workspace / functionsFolder))
            m_pending.functions.insert(each);
        for (const auto &[ignored, path] : m_folders) {
            if (const std::string function = functionOf(path); !function.empty())
                m_pending.functions.insert(function);
        }
        mark("");
        return;
    }
    const auto found = m_folders.find(descriptor);
    if (found == m_folders.end())
        return;
    const std::string folder = found->second;
    if (mask & IN_IGNORED) {
        m_folders.erase(found);
        return;
    }
    if (mask & (IN_DELETE_SELF | IN_MOVE_SELF)) {
        if (folder.empty() || folder == functionsFolder)
            mark("");
        return; // what is within a function, its parent tells
    }
    if (name.empty() || isNoCode(name))
        return;
    if (folder.empty() && name != "kiln.yaml" && name != functionsFolder)
        return;
    if (folder == functionsFolder && name.starts_with('.'))
        return;
    const std::string path = folder.empty() ? std::string(name) : folder + "/" + std::string(name);
    if (mask & (IN_MOVED_FROM | IN_DELETE) && mask & IN_ISDIR)
        unwatchBelow(path);
    if (mask & (IN_CREATE | IN_MOVED_TO) && mask & IN_ISDIR) {
        watchBelow(path);
        if (path == functionsFolder) { // all functions came at once
            for (const std::string &each : foldersIn(m_options.workspace / path))
                m_pending.functions.insert(each);
        }
    }
    const bool appearance = mask & (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE);
    if (folder == functionsFolder && appearance)
        m_pending.workspace = true;
    mark(path);
}

void WorkspaceWatcher::mark(const std::string &path)
{
    if (const std::string function = functionOf(path); !function.empty())
        m_pending.functions.insert(function);
    else
        m_pending.workspace = true;
    m_last = m_loop.clock().now();
    if (m_timer != 0)
        return;
    m_first = m_last;
    m_timer = m_loop.timers().after(calm, [this] { settle(); });
}

void WorkspaceWatcher::settle()
{
    m_timer = 0;
    const Instant now = m_loop.clock().now();
    const auto quiet = now - m_last;
    if (quiet < calm && now - m_first < longest) {
        m_timer = m_loop.timers().after(calm - quiet, [this] { settle(); });
        return;
    }
    const WorkspaceChange change = std::exchange(m_pending, {});
    m_changed(change);
}

} // namespace kiln
