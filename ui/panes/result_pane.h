// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"
#include "core/model/worker_inspection.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include <optional>

class QLabel;
class QPushButton;
class QScrollArea;
class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace kiln::ui {

class EmptyHint;
class ErrorCard;
class InheritedPage;
enum class AfterGrant;
class LogList;
class PayloadView;
class PhaseBar;
class SummaryStrip;

/// The result of the event fired last: what came back, how long each phase took, what was printed, what went wrong.
class ResultPane : public QWidget
{
    Q_OBJECT

public:
    explicit ResultPane(QWidget *parent = nullptr);

    void showRunning(const QString &function);
    void showResult(const InvocationPtr &invocation);
    /// Beside the result shown, which was the second run of an event: what its worker had kept of the first one.
    void showInherited(const InvocationPtr &first, const std::optional<WorkerInspection> &between);
    void showError(const QString &text); ///< What the workbench could not do.
    void clear();

Q_SIGNALS:
    void sourceRequested(const QString &file, int line); ///< File below the function's folder.
    void fireAgainRequested(const kiln::InvocationPtr &invocation);
    void grantRequested(const kiln::InvocationPtr &invocation, const QStringList &grants, kiln::ui::AfterGrant then);
    void invocationActivated(const kiln::InvocationPtr &invocation);

private:
    QWidget *makeResultPage();
    void showTab(QWidget *page, bool wanted, const QString &title);
    void tick();

    InvocationPtr m_invocation;
    QElapsedTimer m_since;
    QTimer m_ticker;
    QString m_running;

    QStackedWidget *m_pages;
    EmptyHint *m_hint;
    SummaryStrip *m_summary = nullptr;
    PhaseBar *m_phases = nullptr;
    PayloadView *m_payload = nullptr;
    QTabWidget *m_side = nullptr; ///< Error and logs.
    QScrollArea *m_errorPage = nullptr;
    ErrorCard *m_error = nullptr;
    LogList *m_logs = nullptr;
    InheritedPage *m_inherited = nullptr; ///< A tab after an event was fired twice; made then.
    QPushButton *m_again = nullptr;
    QPushButton *m_open = nullptr;
};

} // namespace kiln::ui
