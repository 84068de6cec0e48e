// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QString>
#include <QStringList>
#include <QWidget>

class QVBoxLayout;

namespace kiln::ui {

/// Lines at the top of the window for what a modal box would interrupt for: each stays until what it tells is over or
/// until it is dismissed.
class BannerBar : public QWidget
{
    Q_OBJECT

public:
    enum class Tone { Note, Warning, Error };
    struct Banner
    {
        Tone tone = Tone::Note;
        QString text;
        QStringList actions; ///< Texts of its buttons.
        bool dismissible = true;
        bool operator==(const Banner &) const = default;
    };

    explicit BannerBar(QWidget *parent = nullptr);

    /// Shows a line or replaces what it says. One that was dismissed stays away until its text changes.
    void setBanner(const QString &id, const Banner &banner);
    void clearBanner(const QString &id);
    /// Its first action has the keys: for a question that a key has raised.
    void focusBanner(const QString &id);
    [[nodiscard]] bool shows(const QString &id) const { return m_lines.contains(id); }
    [[nodiscard]] QString textOf(const QString &id) const;

Q_SIGNALS:
    void actionTriggered(const QString &id, int action);

private:
    QWidget *makeLine(const QString &id, const Banner &banner);
    void removeLine(const QString &id);

    struct Line
    {
        Banner banner;
        QWidget *widget = nullptr;
    };
    QMap<QString, Line> m_lines;
    QMap<QString, QString> m_dismissed; ///< Texts by id.
    QVBoxLayout *const m_layout;
};

} // namespace kiln::ui
