// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <QTabWidget>

namespace kiln::ui {

/// The tabs in the middle of the window. Each document has a key that names it over restarts: "map",
/// "file:/path", "invocation:ID". Knows nothing of what the documents are.
class Documents : public QTabWidget
{
    Q_OBJECT

public:
    enum class Closing { Allowed, Never };

    explicit Documents(QWidget *parent = nullptr);

    /// Adds a tab and shows it; the widget belongs to it from now on.
    void add(const QString &key, QWidget *document, const QString &title, const QString &iconName, Closing closing);
    /// Puts another widget in the place of a document's, which is deleted.
    void replace(const QString &key, QWidget *document);
    void setTip(const QString &key, const QString &tip);
    [[nodiscard]] bool has(const QString &key) const { return indexOfKey(key) >= 0; }
    [[nodiscard]] QWidget *document(const QString &key) const;
    void activate(const QString &key);
    void step(int tabs);            ///< To a tab further right or left, around the ends.
    void close(const QString &key); ///< Without asking.
    void setModified(const QString &key, bool modified);
    [[nodiscard]] QString currentKey() const;
    [[nodiscard]] QStringList keys() const; ///< In the order of the tabs.

Q_SIGNALS:
    void closeRequested(const QString &key);
    void activated(const QString &key);

private:
    [[nodiscard]] int indexOfKey(const QString &key) const;
    [[nodiscard]] QString keyAt(int index) const;
    void dressTab(int index);
};

} // namespace kiln::ui
