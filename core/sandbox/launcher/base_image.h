// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <string>
#include <vector>

namespace kiln::launcher {

/// What all sandboxes have in common, put together once in the launcher's own mount namespace: /usr read-only, five
/// devices, and an /etc of our making. A sandbox takes copies of these mount trees.
struct BaseImage
{
    /// Something that is at the root of the machine and has to be at the root of each sandbox: /lib → usr/lib.
    struct RootEntry
    {
        std::string name;
        std::string linkTarget; ///< Empty: a folder, bound from the image.
    };

    /// Where it is mounted in the launcher's namespace: a folder that each Linux has and that no grant can mean.
    static constexpr const char *place = "/sys/kernel";

    std::vector<RootEntry> rootEntries; ///< "usr", "etc" and "dev" among them.

    /// Needs a mount namespace of the launcher's own. The Error's message is the step.
    [[nodiscard]] static Result<BaseImage> build();
};

} // namespace kiln::launcher
