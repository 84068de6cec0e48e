// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <string_view>

namespace kiln::ui {

/// Text of the core as Qt's; what is not UTF-8 becomes U+FFFD.
[[nodiscard]] inline QString toQString(std::string_view text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

/// A tool tip that shows text of a function or a user as it is, whatever tags stand in it; at most 2,000 characters.
[[nodiscard]] inline QString plainToolTip(const QString &text)
{
    return text.isEmpty()
               ? QString()
               : QStringLiteral("<p style='white-space:pre-wrap'>%1</p>").arg(text.left(2000).toHtmlEscaped());
}

} // namespace kiln::ui
