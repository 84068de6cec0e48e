// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/worker_inspection.h"

#include <boost/json/object.hpp>

namespace kiln {

/// As `kiln workers` prints them (resources/guide/workspace.md).
[[nodiscard]] boost::json::object toJson(const WorkerView &worker);
/// The worker with its "layers" and what it "keeps".
[[nodiscard]] boost::json::object toJson(const WorkerInspection &inspection);

} // namespace kiln
