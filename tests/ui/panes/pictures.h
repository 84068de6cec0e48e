// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QDir>
#include <QTest>
#include <QWidget>

namespace kiln::test {

/// Saves what a pane looks like, dark and light, into the build folder's tests/ui/pictures, for people to look at.
inline void takePictures(QWidget &widget, const QString &name, const QList<QSize> &sizes)
{
    const QDir folder(QStringLiteral(KILN_BUILD_DIR "/tests/ui/pictures"));
    QVERIFY(folder.mkpath(QStringLiteral(".")));
    for (const auto choice : {ui::ThemeSwitch::Choice::Light, ui::ThemeSwitch::Choice::Dark}) {
        ui::ThemeSwitch::instance().apply(choice);
        for (const QSize &size : sizes) {
            widget.resize(size);
            widget.show();
            for (int i = 0; i < 4; ++i) // layouts settle over several rounds
                QCoreApplication::processEvents();
            const QString theme =
                choice == ui::ThemeSwitch::Choice::Dark ? QStringLiteral("dark") : QStringLiteral("light");
            const QString file = QStringLiteral("%1-%2-%3.png").arg(name, theme).arg(size.width());
            QVERIFY(widget.grab().save(folder.filePath(file)));
        }
    }
}

} // namespace kiln::test
