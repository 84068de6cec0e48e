// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"

#include <QScrollArea>

class QFormLayout;
class QLabel;
class QPushButton;

namespace kiln::ui {

class ErrorCard;
enum class AfterGrant;
class LogList;
class PayloadView;
class PhaseBar;
class SummaryStrip;

/// One invocation whole, as a document: event and result, phases, error, names and times, logs.
class InvocationView : public QScrollArea
{
    Q_OBJECT

public:
    explicit InvocationView(QWidget *parent = nullptr);

    void setInvocation(const InvocationPtr &invocation);
    [[nodiscard]] InvocationPtr invocation() const { return m_invocation; }

Q_SIGNALS:
    void sourceRequested(const QString &file, int line);
    void fireAgainRequested(const kiln::InvocationPtr &invocation);
    void grantRequested(const kiln::InvocationPtr &invocation, const QStringList &grants, kiln::ui::AfterGrant then);

private:
    void fillFacts();
    void addFact(const QString &name, const QString &value, const QString &shown = {});

    InvocationPtr m_invocation;
    QLabel *const m_title;
    QPushButton *const m_again;
    SummaryStrip *const m_summary;
    PhaseBar *const m_phases;
    ErrorCard *const m_error;
    PayloadView *const m_event;
    PayloadView *const m_result;
    LogList *const m_logs;
    QWidget *const m_facts;
    QFormLayout *const m_factRows;
};

} // namespace kiln::ui
