// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/setting_rules.h"
#include "ui/panes/value_field.h"

#include <chrono>

namespace kiln::ui {

/// What a field tells while it is typed in, by the rules that the engine checks each edit with again.
[[nodiscard]] ValueField::Check sizeIn(Bounds<ByteSize> bounds);
[[nodiscard]] ValueField::Check durationIn(Bounds<std::chrono::milliseconds> bounds);
[[nodiscard]] ValueField::Check durationOrNever(Bounds<std::chrono::milliseconds> bounds); ///< Or the word.
[[nodiscard]] ValueField::Check numberIn(Bounds<int> bounds);
[[nodiscard]] ValueField::Check handlerForm(std::function<Language()> language);
[[nodiscard]] ValueField::Check variableName();
/// A letter, then up to 63 letters, digits, _ and -.
[[nodiscard]] ValueField::Check functionName();

/// Spaces taken out: "256 MB" is written "256MB".
[[nodiscard]] std::string compact(const QString &text);
/// "256MB" as it is shown: "256 MB".
[[nodiscard]] QString spaced(const std::string &text);

} // namespace kiln::ui
