// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/editor/code_editor.h"
#include "ui/editor/json_scan.h"

#include <QTimer>

#include <optional>

class QToolButton;

namespace kiln::ui {

/// A CodeEditor for JSON that says, while one types, where the text stops being JSON. Format and minify change only
/// the space between tokens. GUI thread.
class JsonEditor : public CodeEditor
{
    Q_OBJECT

public:
    explicit JsonEditor(QWidget *parent = nullptr);

    /// What is wrong with the text as it is now; nullopt when it is JSON.
    [[nodiscard]] const std::optional<JsonError> &error();

    void format(); ///< With line breaks and two spaces a level; does nothing to what is not JSON.
    void minify();
    void goToError();

Q_SIGNALS:
    void errorChanged(); ///< It came, went or moved.

private:
    enum class Cause { Typing, Needed };

    void check(Cause cause);
    void showError();
    void tintError();

    bool m_stale = true;
    std::optional<JsonError> m_error;
    QTimer m_later;
    QToolButton *m_line = nullptr;
};

} // namespace kiln::ui
