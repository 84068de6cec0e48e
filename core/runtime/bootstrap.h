// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/interpreter.h"

#include <filesystem>
#include <string_view>

namespace kiln {

/// The file in a bootstrap's folder that the interpreter runs; of a compiled language, that its code is built with.
[[nodiscard]] std::string_view bootstrapFile(Language language);

/// The folder with the bootstrap for an interpreter, as a worker sees it under /opt/kiln.
///
/// For Python it is compiled once by that interpreter into `cache`, which saves a third of a cold start; every user may
/// read it there, since workers may run as another one. Without a cache that can be written (an empty path, or a full
/// or read-only disk) it is the source itself. Blocking, some 50 ms when there is something to compile: never on the
/// engine thread. `resources` is the folder that holds runtimes/; fails when the bootstrap is not there.
[[nodiscard]] Result<std::filesystem::path> prepareBootstrap(const Interpreter &interpreter,
                                                             const std::filesystem::path &resources,
                                                             const std::filesystem::path &cache);

} // namespace kiln
