// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/trigger.h"
#include "core/project/yaml_edit.h"

namespace kiln {

/// A trigger as it is written in function.yaml.
[[nodiscard]] YamlItem triggerItem(const Trigger &trigger);

/// Writes `to` over trigger `index`, which is `from`: where both are of one kind only the values that differ change.
[[nodiscard]] Result<std::string> rewriteTrigger(std::string_view text, std::size_t index, const Trigger &from,
                                                 const Trigger &to);

} // namespace kiln
