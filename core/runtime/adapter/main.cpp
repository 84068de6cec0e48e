// SPDX-License-Identifier: GPL-3.0-or-later
// The worker's main process where a function is an executable: `kiln-runtime custom` or `kiln-runtime exec`.
#include "core/runtime/adapter/custom_runtime.h"
#include "core/runtime/adapter/exec_runtime.h"

#include <cstdlib>
#include <string_view>
#include <unistd.h>

using namespace kiln;
using namespace kiln::adapter;

namespace {

constexpr int channelPlace = 3;

} // namespace

int main(int count, char **arguments)
{
    const std::string_view mode = count == 2 ? arguments[1] : "";
    if (mode != "custom" && mode != "exec")
        return EXIT_FAILURE;
    EngineChannel channel(channelPlace);
    channel.send(FrameType::Hello);
    const FrameReader::Frame frame = channel.receive();
    auto init = readInit(frame.body);
    if (frame.header.type != FrameType::Init || !init || ::chdir(init->code.c_str()) != 0)
        return EXIT_FAILURE;
    if (mode == "custom")
        CustomRuntime(channel, std::move(*init)).run();
    ExecRuntime(channel, std::move(*init)).run();
}
