// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/editor/text_search.h"

#include <QTimer>
#include <QWidget>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QToolButton;

namespace kiln::ui {

class CodeSurface;

/// The line above the code that finds and replaces in it: as one types, with the number of matches; wraps around.
/// It remembers what it looked for while it is closed, so that F3 goes on.
class FindBar : public QWidget
{
    Q_OBJECT

public:
    enum class Mode { Find, Replace };
    enum class Way { Forward, Back };

    FindBar(CodeSurface *surface, QWidget *parent);

    /// Shows itself with what is selected in the code, ready to be typed over.
    void open(Mode mode);
    void close();
    void go(Way way); ///< To the next match from the selection.
    [[nodiscard]] const TextSearchResult &result() const { return m_result; }

Q_SIGNALS:
    void closed();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    enum class From { Here, Next };

    QWidget *makeFindRow();
    QWidget *makeReplaceRow();
    QToolButton *makeToggle(const QString &text, const QString &name, const QString &tip);
    [[nodiscard]] TextQuery query() const;
    void searchAsTyped();
    void refresh(); ///< Searches again if the text or the query changed.
    void moveTo(std::size_t index);
    void replaceOne();
    void replaceEach();
    void showCount();
    void underline();

    CodeSurface *const m_surface;
    QLineEdit *m_find = nullptr;
    QLineEdit *m_replace = nullptr;
    QToolButton *m_case = nullptr;
    QToolButton *m_words = nullptr;
    QToolButton *m_pattern = nullptr;
    QLabel *m_count = nullptr;
    QWidget *m_replaceRow = nullptr;
    QTimer m_later;
    TextSearchResult m_result;
    TextQuery m_searched;
    bool m_stale = true;     ///< The text changed since m_result.
    std::size_t m_start = 0; ///< Where searching as one types begins.
};

} // namespace kiln::ui
