// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/event_file.h"

#include <filesystem>

namespace kiln {

/// What could be read of a damaged events.db.
struct Salvage
{
    int events = 0;
    int deadLetters = 0;
    bool complete = true; ///< No row is known to be missing.
};

/// Copies every row that can still be read from `damaged` into `fresh`. Works on a copy: the damaged file stays as it
/// is. A first page that is gone is taken from an empty database of the same schema, whose tables begin at the same
/// pages. Unreadable rows are skipped, never an Error; that is only for a disk that does not take the copy.
[[nodiscard]] Result<Salvage> salvageEvents(const std::filesystem::path &damaged, EventFile &fresh);

} // namespace kiln
