// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/language.h"

namespace kiln {

/// Whether functions of this runtime are executables, which need no interpreter: Kiln's own adapter runs them.
[[nodiscard]] constexpr bool isExecutable(Language language)
{
    return language == Language::Custom || language == Language::Exec;
}

} // namespace kiln
