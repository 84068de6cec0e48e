// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace kiln::test {

/// Reads the bytes as function.yaml and as kiln.yaml and edits them; aborts when a promise is broken: an edit's result
/// must be readable, and reading must give what was set. The entry for any fuzzer.
void fuzzWorkspaceYaml(std::string_view bytes);

} // namespace kiln::test
