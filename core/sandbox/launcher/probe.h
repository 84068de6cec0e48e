// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace kiln::launcher {

/// What the self-test runs inside a throwaway sandbox: it tries what must be refused.
struct ProbeTask
{
    std::string program;  ///< This program's own path inside: code, which must not be writable.
    std::string tier;     ///< "A", "B" or "C".
    std::string port;     ///< Of a listener of the engine on 127.0.0.1, out of reach for a worker.
    std::string abstract; ///< Name of one of its abstract sockets, too.
};

/// Writes one line per layer to descriptor 3, "+LAYER: what was seen" or "-LAYER: what was not refused", an empty line
/// at the end, and waits until the other side closes.
[[nodiscard]] int probe(const ProbeTask &task);

} // namespace kiln::launcher
