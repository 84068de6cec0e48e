// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"

#include <filesystem>
#include <string_view>
#include <vector>

namespace kiln {

/// A file whose name says that it is an interpreter.
struct Candidate
{
    Language language = Language::Python;
    std::filesystem::path path; ///< What to run: symbolic links resolved.
    bool script = false;        ///< A shim: what it starts may change without its file changing.
};

/// The executable files named as an interpreter (python3, python3.N, python, node, nodejs, ruby, rubyN.M) in the
/// folders of `searchPath` and, when `home` is not empty, where version managers put theirs. Each real file once, in
/// the order found.
[[nodiscard]] std::vector<Candidate> findCandidates(std::string_view searchPath, const std::filesystem::path &home);

} // namespace kiln
