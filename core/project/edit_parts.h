// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/edit_apply.h"

#include <string>

namespace kiln {

/// The edits that are more than a change of function.yaml; parts of apply(). `workspace` is without links.

[[nodiscard]] Result<> newFunction(const std::filesystem::path &workspace, const NewFunction &edit,
                                   const EditContext &context);
[[nodiscard]] Result<> deleteFunction(const std::filesystem::path &workspace, const DeleteFunction &edit,
                                      const EditContext &context);
[[nodiscard]] Result<> saveTestEvent(const std::filesystem::path &workspace, const SaveTestEvent &edit);
[[nodiscard]] Result<> deleteTestEvent(const std::filesystem::path &workspace, const DeleteTestEvent &edit,
                                       const EditContext &context);

/// The text of a function.yaml with one more, or one less, permission; `old` is what the text says.
[[nodiscard]] Result<std::string> addGrant(const std::string &text, const FunctionSettings &old, const Grant &grant);
[[nodiscard]] Result<std::string> removeGrant(const std::string &text, const FunctionSettings &old, const Grant &grant);

/// Moves something of the workspace to .kiln/trash/NAME-TIMESTAMP.
[[nodiscard]] Result<> moveToTrash(const std::filesystem::path &workspace, const std::filesystem::path &what,
                                   const std::string &name, const EditContext &context);

/// The folder of an existing function.
[[nodiscard]] Result<std::filesystem::path> functionFolder(const std::filesystem::path &workspace,
                                                           const std::string &name);

} // namespace kiln
