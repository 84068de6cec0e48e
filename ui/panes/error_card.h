// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"
#include "ui/models/stack_frame.h"

#include <QFrame>

class QLabel;
class QPushButton;

namespace kiln::ui {

enum class AfterGrant { Nothing, FireAgain };

/// What went wrong in the user's code: type, message, the stack with its places to click; and what the sandbox
/// refused, with what would allow it. Hides itself when there is neither.
class ErrorCard : public QFrame
{
    Q_OBJECT

public:
    explicit ErrorCard(QWidget *parent = nullptr);

    void setInvocation(const InvocationPtr &invocation);
    void setError(const QString &text); ///< Of the workbench, not of a function.
    [[nodiscard]] bool hasContent() const { return m_hasContent; }

Q_SIGNALS:
    void sourceRequested(const QString &file, int line);
    /// Permissions, as `kiln permit` takes them, for the function of this invocation.
    void grantRequested(const kiln::InvocationPtr &invocation, const QStringList &grants, kiln::ui::AfterGrant then);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString stackHtml(const FunctionError &error);
    QString refusalHtml(const Refusal &refusal);
    QString linkTo(const CodePlace &place, const QString &text);
    void follow(const QString &link);
    void show(const QString &title, const QString &message, const QString &stack, const QString &refusals);
    void copyAll();

    QLabel *const m_title;
    QLabel *const m_message;
    QLabel *const m_stack;
    QLabel *const m_refusals;
    QPushButton *const m_grantAll;
    std::vector<CodePlace> m_places; ///< What the links point to.
    QStringList m_grants;            ///< What the links grant and copy; each once.
    QString m_plain;                 ///< All of it, as it is copied.
    InvocationPtr m_invocation;
    bool m_hasContent = false;
};

} // namespace kiln::ui
