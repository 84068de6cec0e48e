// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"
#include "ui/panes/value_field.h"

#include <functional>
#include <optional>
#include <string>

namespace kiln::ui {

/// How the scaling settings that are more than one number are typed on one line, and how they are written.

[[nodiscard]] QString queueAgeText(const Concurrency &concurrency); ///< "none", "30 s"
[[nodiscard]] ValueField::Check queueAgeForm();

[[nodiscard]] QString burstText(const Concurrency &concurrency); ///< "none", "lambda", "50 per 10 s"
[[nodiscard]] ValueField::Check burstForm();
[[nodiscard]] std::string burstYaml(const QString &text); ///< "{workers: 50, per: 10s}"; of a text that is good.

[[nodiscard]] QString targetText(const Concurrency &concurrency); ///< "none", "concurrency 0.7", "rate 50"
/// `perWorker` tells what a worker may have at once, now.
[[nodiscard]] ValueField::Check targetForm(std::function<int()> perWorker);
[[nodiscard]] std::string targetYaml(const QString &text); ///< "{rate: 50}"; of a text that is good.

/// What a worker may have at once, beside the other settings as they are now.
[[nodiscard]] ValueField::Check perWorkerForm(std::function<const FunctionSettings &()> settings);

[[nodiscard]] QString keepWarmText(const KeepWarm &keep); ///< "adaptive", "5 m"
[[nodiscard]] ValueField::Check keepWarmForm();

} // namespace kiln::ui
