// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/result.h"
#include "core/project/plain_file.h"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln {

/// One entry of a function's folder that is part of its code.
struct CodeFile
{
    enum class Kind { File, Executable, Link };

    std::string path; ///< Relative to the folder, "/" between parts.
    Kind kind = Kind::File;
    FileStamp stamp;
    std::string target; ///< Of a link.
};

/// Lambda's limits for unzipped code, and one against a folder put there by mistake.
inline constexpr ByteSize maxCodeSize = 250_MB;
inline constexpr std::size_t maxCodeFiles = 100'000;

/// All code of a function, sorted by path. Left out are function.yaml (its values count, not its bytes), events/,
/// __pycache__, version control and editors' temporary files. Fails on what no revision can hold: FIFOs, sockets,
/// devices, links that lead out of the folder, more than the limits. Opens no file. Blocks; any thread.
[[nodiscard]] Result<std::vector<CodeFile>> listCode(const std::filesystem::path &folder);

/// The first `most` paths, for showing; what cannot be read is left out.
[[nodiscard]] std::vector<std::string> listCodePaths(const std::filesystem::path &folder, std::size_t most);

/// Whether a name, wherever it is, is no part of any code.
[[nodiscard]] bool isNoCode(std::string_view name);

} // namespace kiln
