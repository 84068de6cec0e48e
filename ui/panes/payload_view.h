// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/payload.h"

#include <QTabWidget>

class QLabel;
class QPlainTextEdit;
class QToolButton;
class QTreeView;
class QTreeWidget;

namespace kiln::ui {

class JsonTreeModel;

/// A payload in up to three ways: as the HTTP answer it stands for, as a tree, and raw (with line breaks or exact).
/// Whatever its size, only a bounded part is looked at; what is copied is whole and exact.
class PayloadView : public QTabWidget
{
    Q_OBJECT

public:
    enum class Reading {
        Plain,      ///< Tree and raw.
        HttpAnswer, ///< Also as an HTTP answer, when it has the shape of one.
    };

    explicit PayloadView(Reading reading, QWidget *parent = nullptr);

    void setPayload(const Payload &payload); ///< Null shows nothing.

private:
    QWidget *makeHttpPage();
    QWidget *makeTreePage();
    QWidget *makeRawPage();
    void showHttp(bool json);
    void showTree(const QString &problem);
    void showLargeTree();
    void showRaw();
    void copyAll();
    void copyTreeValue();

    const Reading m_reading;
    Payload m_payload;
    bool m_unchosen = false; ///< What is shown can be shown raw only, whatever page was chosen before.
    QString m_chosen;
    JsonTreeModel *m_tree = nullptr;
    QWidget *m_httpPage = nullptr;
    QLabel *m_status = nullptr;
    QTreeWidget *m_headers = nullptr;
    QLabel *m_bodyNote = nullptr;
    QPlainTextEdit *m_body = nullptr;
    QWidget *m_treePage = nullptr;
    QTreeView *m_treeView = nullptr;
    QLabel *m_treeNote = nullptr;
    QPlainTextEdit *m_raw = nullptr;
    QLabel *m_rawNote = nullptr;
    QToolButton *m_exact = nullptr;
    QToolButton *m_copy = nullptr;
};

} // namespace kiln::ui
