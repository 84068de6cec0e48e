// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <filesystem>

namespace kiln::ui {

/// The bytes of a test event: events/NAME in a function's folder. Refuses what is no plain file, and more than 32 MB.
[[nodiscard]] Result<QByteArray> readTestEvent(const std::filesystem::path &functionFolder, const QString &name);

/// What is wrong with a test event's file name; empty when nothing is.
[[nodiscard]] QString eventNameProblem(const QString &name);

/// "order.json", or "order-2.json" when that is taken, and so on. Adds .json where there is no ending.
[[nodiscard]] QString freeEventName(const QString &wanted, const QStringList &taken);

} // namespace kiln::ui
