// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/permissions_form.h"

#include "ui/panes/calm_combo_box.h"
#include "ui/panes/least_proposal.h"
#include "ui/panes/section.h"
#include "ui/panes/value_field.h"
#include "ui/panes/yaml_value.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

QComboBox *makeModes(const QString &name, QWidget *parent)
{
    auto *box = new CalmComboBox(parent);
    box->setAccessibleName(name);
    box->addItem(PermissionsForm::tr("read"), int(Permissions::Mode::ReadOnly));
    box->addItem(PermissionsForm::tr("read, write"), int(Permissions::Mode::ReadWrite));
    return box;
}

void clear(QVBoxLayout *rows)
{
    while (QLayoutItem *item = rows->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
}

} // namespace

PermissionsForm::PermissionsForm(QWidget *parent)
    : QWidget(parent)
    , m_network(new CalmComboBox(this))
    , m_rows(new QVBoxLayout)
    , m_asked(new QLabel(this))
    , m_least(new LeastProposal(this))
    , m_refusals(new QVBoxLayout)
    , m_adder(new QWidget(this))
    , m_newPath(new ValueField(tr("Path to grant"), m_adder))
    , m_newMode(makeModes(tr("Access to grant"), m_adder))
{
    m_network->setObjectName(QStringLiteral("network"));
    m_network->setAccessibleName(tr("Network"));
    m_network->addItem(tr("None"), QStringLiteral("none"));
    m_network->addItem(tr("Its own loopback"), QStringLiteral("loopback"));
    m_network->addItem(tr("The hosts below"), QStringLiteral("hosts"));
    m_network->addItem(tr("The whole internet"), QStringLiteral("all"));
    m_network->setToolTip(
        tr("Its own loopback: 127.0.0.1 inside the worker, never this machine's. Private addresses are "
           "reached only as hosts named by their number."));
    auto *label = new QLabel(tr("Network"), this);
    label->setProperty("role", QStringLiteral("muted"));
    label->setMinimumWidth(92);
    label->setBuddy(m_network);
    auto *top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(label);
    top->addWidget(m_network, 1);

    m_newPath->setObjectName(QStringLiteral("newPath"));
    m_newPath->setPlaceholder(tr("../../data"));
    m_newPath->useCodeFont();
    m_newPath->setCheck([](const QString &text) { return text.isEmpty() ? tr("Expected a path") : QString(); });
    auto *button = new QToolButton(m_adder);
    button->setObjectName(QStringLiteral("addGrant"));
    button->setIcon(icon(QStringLiteral("ok")));
    button->setToolTip(tr("Add this grant"));
    button->setAccessibleName(button->toolTip());
    auto *row = new QHBoxLayout(m_adder);
    row->setContentsMargins({});
    row->setSpacing(4);
    row->addWidget(m_newPath, 1, Qt::AlignTop);
    row->addWidget(m_newMode, 0, Qt::AlignTop);
    row->addWidget(button, 0, Qt::AlignTop);
    m_adder->hide();
    m_asked->setObjectName(QStringLiteral("askedMore"));
    m_asked->setTextFormat(Qt::PlainText);
    m_asked->setWordWrap(true);
    m_asked->hide();

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    layout->addLayout(top);
    layout->addLayout(m_rows);
    layout->addWidget(m_adder);
    layout->addWidget(m_asked);
    layout->addWidget(m_least);
    layout->addLayout(m_refusals);

    connect(m_least, &LeastProposal::wanted, this, [this](const Narrowing &narrowing) {
        Q_EMIT editRequested(Narrow{m_function, narrowing.remove, narrowing.add});
    });
    connect(m_network, &QComboBox::activated, this, [this] { wishNetwork(m_network->currentData().toString()); });
    connect(button, &QToolButton::clicked, this, &PermissionsForm::add);
    connect(m_newPath->edit(), &QLineEdit::returnPressed, this, &PermissionsForm::add);
}

void PermissionsForm::setPermissions(const std::string &function, const Permissions &permissions)
{
    if (function == m_function && permissions == m_permissions)
        return;
    if (function != m_function) {
        m_adder->hide();
        m_least->dismiss();
    }
    m_function = function;
    m_permissions = permissions;
    rebuild();
}

void PermissionsForm::restore() { rebuild(); }

void PermissionsForm::setReadOnly(bool readOnly)
{
    if (m_readOnly == readOnly)
        return;
    m_readOnly = readOnly;
    m_network->setEnabled(!readOnly);
    m_least->setReadOnly(readOnly);
    rebuild();
}

void PermissionsForm::rebuild()
{
    m_network->setCurrentIndex(int(m_permissions.network)); // in that order
    clear(m_rows);
    for (const Permissions::HostGrant &host : m_permissions.hosts)
        m_rows->addWidget(makeHostRow(host));
    for (std::size_t i = 0; i < m_permissions.files.size(); ++i)
        m_rows->addWidget(makeRow(i));
    if (m_permissions.files.empty())
        m_rows->addWidget(hintLabel(tr("Files: its own code, read-only; /tmp."), this));
}

QWidget *PermissionsForm::makeHostRow(const Permissions::HostGrant &host)
{
    const QString text = QString::fromStdString(toText(host));
    auto *row = new QWidget(this);
    auto *label = new QLabel(row);
    label->setFont(codeFont());
    label->setTextFormat(Qt::PlainText);
    label->setText(label->fontMetrics().elidedText(text, Qt::ElideMiddle, 240));
    label->setToolTip(text);
    auto *remove = new QToolButton(row);
    remove->setObjectName(QStringLiteral("removeHost-%1").arg(text));
    remove->setIcon(icon(QStringLiteral("close"), theme().muted));
    remove->setToolTip(tr("Take back the grant of %1").arg(text));
    remove->setAccessibleName(remove->toolTip());
    remove->setEnabled(!m_readOnly);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    layout->addWidget(label, 1);
    layout->addWidget(remove);
    connect(remove, &QToolButton::clicked, this, [this, host] {
        Q_EMIT editRequested(Revoke{m_function, {Grant(host)}});
    });
    return row;
}

QWidget *PermissionsForm::makeRow(std::size_t index)
{
    const Permissions::FileGrant &grant = m_permissions.files[index];
    const QString path = QString::fromStdString(grant.path);
    auto *row = new QWidget(this);
    auto *label = new QLabel(row);
    label->setFont(codeFont());
    label->setTextFormat(Qt::PlainText);
    label->setText(label->fontMetrics().elidedText(path, Qt::ElideMiddle, 150));
    label->setToolTip(path);
    auto *mode = makeModes(tr("Access to %1").arg(path), row);
    mode->setObjectName(QStringLiteral("mode-%1").arg(index));
    mode->setCurrentIndex(mode->findData(int(grant.mode)));
    mode->setEnabled(!m_readOnly);
    auto *remove = new QToolButton(row);
    remove->setObjectName(QStringLiteral("removeGrant-%1").arg(index));
    remove->setIcon(icon(QStringLiteral("close"), theme().muted));
    remove->setToolTip(tr("Take back the grant of %1").arg(path));
    remove->setAccessibleName(remove->toolTip());
    remove->setEnabled(!m_readOnly);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    layout->addWidget(label, 1);
    layout->addWidget(mode);
    layout->addWidget(remove);
    connect(mode, &QComboBox::activated, this, [this, index, mode] {
        auto files = m_permissions.files;
        files[index].mode = Permissions::Mode(mode->currentData().toInt());
        wishFiles(std::move(files));
    });
    connect(remove, &QToolButton::clicked, this, [this, index] {
        auto files = m_permissions.files;
        files.erase(files.begin() + std::ptrdiff_t(index));
        wishFiles(std::move(files));
    });
    return row;
}

void PermissionsForm::setDenied(const std::vector<Refusal> &denied)
{
    const auto same = [](const Refusal &a, const Refusal &b) {
        return a.what == b.what && a.target == b.target && a.grant == b.grant && a.place == b.place;
    };
    if (std::equal(denied.begin(), denied.end(), m_denied.begin(), m_denied.end(), same))
        return;
    m_denied = denied;
    clear(m_refusals);
    for (const Refusal &refusal : m_denied) {
        QString text =
            tr("Refused: %1 %2").arg(QString::fromStdString(refusal.what), QString::fromStdString(refusal.target));
        if (!refusal.place.empty())
            text += tr(" at %1").arg(QString::fromStdString(refusal.place));
        if (!refusal.grant.empty())
            text += tr(". Allowed by %1").arg(QString::fromStdString(refusal.grant));
        auto *label = new QLabel(text, this);
        label->setTextFormat(Qt::PlainText);
        label->setProperty("role", QStringLiteral("error"));
        label->setWordWrap(true);
        m_refusals->addWidget(label);
    }
}

void PermissionsForm::setAsked(const std::vector<std::string> &grants)
{
    QStringList texts;
    for (const std::string &grant : grants)
        texts << breakable(grant);
    m_asked->setText(tr("More than it has run with before: %1").arg(texts.join(QStringLiteral(", "))));
    m_asked->setVisible(!texts.isEmpty());
}

void PermissionsForm::setUses(const std::vector<GrantUse> &uses) { m_least->setUses(uses); }

void PermissionsForm::beginAdd()
{
    m_newPath->setPlaceholder(tr("../../data, or example.com:443"));
    m_newPath->setValue({});
    m_newPath->restore();
    m_newMode->setCurrentIndex(0);
    m_adder->show();
    m_newPath->setFocus();
}

void PermissionsForm::add()
{
    if (!m_newPath->isGood()) {
        m_newPath->setFocus();
        return;
    }
    m_adder->hide();
    // What is a host's name and port is no path that anybody means.
    if (const auto host = parseHostPort(m_newPath->text().toStdString())) {
        Q_EMIT editRequested(Permit{m_function, {Grant(*host)}});
        return;
    }
    auto files = m_permissions.files;
    files.push_back({m_newPath->text().toStdString(), Permissions::Mode(m_newMode->currentData().toInt())});
    wishFiles(std::move(files));
}

/// Hosts that are named stay named beside all; with less than hosts they go.
void PermissionsForm::wishNetwork(const QString &kind)
{
    const bool hosts = !m_permissions.hosts.empty();
    if (kind == QLatin1String("all")) {
        Q_EMIT editRequested(Permit{m_function, {Grant(Permissions::Network::All)}});
    } else if (kind == QLatin1String("hosts") && !hosts) {
        rebuild(); // stays what it is until there is one
        beginAdd();
    } else if (kind == QLatin1String("hosts")) {
        Q_EMIT editRequested(Revoke{m_function, {Grant(Permissions::Network::All)}});
    } else {
        Q_EMIT editRequested(SetValue{m_function, {"permissions", "network"}, kind.toStdString()});
    }
}

void PermissionsForm::wishFiles(std::vector<Permissions::FileGrant> files)
{
    Q_EMIT editRequested(SetValue{m_function, {"permissions", "files"}, yamlGrants(files)});
}

} // namespace kiln::ui
