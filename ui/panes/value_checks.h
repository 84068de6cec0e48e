// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "ui/panes/value_field.h"

#include <chrono>

namespace kiln::ui {

/// What a field tells while it is typed in. The engine checks each edit again when it is made.
[[nodiscard]] ValueField::Check sizeBetween(ByteSize least, ByteSize most);
[[nodiscard]] ValueField::Check durationBetween(std::chrono::milliseconds least, std::chrono::milliseconds most);
[[nodiscard]] ValueField::Check numberBetween(int least, int most);
[[nodiscard]] ValueField::Check handlerForm();
[[nodiscard]] ValueField::Check variableName();
/// A letter, then up to 63 letters, digits, _ and -.
[[nodiscard]] ValueField::Check functionName();

/// Spaces taken out: "256 MB" is written "256MB".
[[nodiscard]] std::string compact(const QString &text);
/// "256MB" as it is shown: "256 MB".
[[nodiscard]] QString spaced(const std::string &text);

} // namespace kiln::ui
