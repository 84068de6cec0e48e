// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/window.h"

int main(int argc, char **argv)
{
    const kiln::CommandLine line = kiln::runCommandLine(argc, argv);
    if (line.exitCode)
        return *line.exitCode;
    return kiln::runWindow(argc, argv, line.folder);
}
