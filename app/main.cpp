// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/window.h"

#include <cstdlib>
#include <pwd.h>
#include <unistd.h>

namespace {

/// A service or a cron job may come without HOME; the account has one all the same. Qt would take `/` for it.
void settleHome()
{
    const char *home = std::getenv("HOME");
    if (home && *home == '/')
        return;
    if (const passwd *user = ::getpwuid(::geteuid()); user && *user->pw_dir == '/')
        ::setenv("HOME", user->pw_dir, 1);
}

} // namespace

int main(int argc, char **argv)
{
    settleHome(); // no thread runs yet
    const kiln::CommandLine line = kiln::runCommandLine(argc, argv);
    if (line.exitCode)
        return *line.exitCode;
    return kiln::runWindow(argc, argv, line.folder);
}
