// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"
#include "core/model/grant_use.h"
#include "core/model/invocation.h"
#include "core/project/edit.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;
class QVBoxLayout;

namespace kiln::ui {

class LeastProposal;
class ValueField;

/// What a function may reach outside itself, and what its last invocation was refused.
class PermissionsForm : public QWidget
{
    Q_OBJECT

public:
    explicit PermissionsForm(QWidget *parent = nullptr);

    void setPermissions(const std::string &function, const Permissions &permissions);
    /// What the sandbox refused the last invocation.
    void setDenied(const std::vector<Refusal> &denied);
    /// What the revision asks for more than those before it ran with.
    void setAsked(const std::vector<std::string> &grants);
    /// What was seen of the use of its permissions; those that nothing was seen of are listed.
    void setUses(const std::vector<GrantUse> &uses);
    void setReadOnly(bool readOnly);
    void beginAdd(); ///< Shows an empty row for a path, or a host and port.
    void restore();

Q_SIGNALS:
    void editRequested(const kiln::WorkspaceEdit &edit);

private:
    void rebuild();
    QWidget *makeRow(std::size_t index);
    QWidget *makeHostRow(const Permissions::HostGrant &host);
    void wishNetwork(const QString &kind);
    void add();
    void wishFiles(std::vector<Permissions::FileGrant> files);

    std::string m_function;
    Permissions m_permissions;
    std::vector<Refusal> m_denied;
    bool m_readOnly = false;
    QComboBox *const m_network;
    QVBoxLayout *const m_rows;
    QLabel *const m_asked;
    LeastProposal *const m_least;
    QVBoxLayout *const m_refusals;
    QWidget *const m_adder;
    ValueField *const m_newPath;
    QComboBox *const m_newMode;
};

} // namespace kiln::ui
