// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/secrets_form.h"

#include "ui/panes/section.h"
#include "ui/panes/value_checks.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace kiln::ui {

namespace {

QToolButton *makeButton(const QString &name, const char *picture, const QString &what, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setObjectName(name);
    button->setIcon(icon(QString::fromLatin1(picture), theme().muted)); // seen in either theme
    button->setToolTip(what);
    button->setAccessibleName(what);
    return button;
}

QHBoxLayout *rowIn(QWidget *widget)
{
    auto *row = new QHBoxLayout(widget);
    row->setContentsMargins({});
    row->setSpacing(4);
    return row;
}

} // namespace

SecretsForm::SecretsForm(QWidget *parent)
    : QWidget(parent)
    , m_rows(new QVBoxLayout)
    , m_hint(hintLabel(tr("None. + gives the function one, as a variable of its environment."), this))
    , m_adder(new QWidget(this))
    , m_newName(new ValueField(tr("Name of the secret"), m_adder))
    , m_valuer(new QWidget(this))
    , m_value(new QLineEdit(m_valuer))
{
    m_newName->setObjectName(QStringLiteral("newSecret"));
    m_newName->setPlaceholder(tr("API_KEY"));
    m_newName->useCodeFont();
    m_newName->setCheck([this](const QString &text) {
        if (std::find(m_names.begin(), m_names.end(), text.toStdString()) != m_names.end())
            return tr("There is one of this name");
        return variableName()(text);
    });
    auto *give = makeButton(QStringLiteral("addSecret"), "ok", tr("Give the function this secret"), m_adder);
    auto *adding = rowIn(m_adder);
    adding->addWidget(m_newName, 1, Qt::AlignTop);
    adding->addWidget(give, 0, Qt::AlignTop);
    m_adder->hide();

    m_value->setObjectName(QStringLiteral("secretValue"));
    m_value->setEchoMode(QLineEdit::Password);
    m_value->setFont(codeFont());
    auto *set = makeButton(QStringLiteral("setSecret"), "ok", tr("Keep this value in .kiln/secrets"), m_valuer);
    m_forget = makeButton(QStringLiteral("forgetSecret"), "close", tr("Forget the value that it has"), m_valuer);
    auto *valuing = rowIn(m_valuer);
    valuing->addWidget(m_value, 1);
    valuing->addWidget(set);
    valuing->addWidget(m_forget);
    m_valuer->hide();

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    layout->addWidget(m_hint);
    layout->addLayout(m_rows);
    m_rows->setSpacing(4);
    layout->addWidget(m_valuer);
    layout->addWidget(m_adder);

    connect(give, &QToolButton::clicked, this, &SecretsForm::add);
    connect(m_newName->edit(), &QLineEdit::returnPressed, this, &SecretsForm::add);
    const auto given = [this] {
        // An empty one would look as if it were there.
        if (m_value->text().isEmpty())
            return;
        const QString value = m_value->text(), name = m_edited;
        endValue();
        Q_EMIT valueGiven(name, value);
    };
    connect(set, &QToolButton::clicked, this, given);
    connect(m_value, &QLineEdit::returnPressed, this, given);
    connect(m_forget, &QToolButton::clicked, this, [this] {
        const QString name = m_edited;
        endValue();
        Q_EMIT valueForgotten(name);
    });
}

void SecretsForm::setSecrets(const std::string &function, const std::vector<std::string> &names,
                             const std::vector<std::string> &valued)
{
    if (function == m_function && names == m_names && valued == m_valued)
        return;
    if (function != m_function) {
        m_adder->hide();
        endValue();
    }
    m_function = function;
    m_names = names;
    m_valued = valued;
    rebuild();
}

void SecretsForm::setReadOnly(bool readOnly)
{
    if (m_readOnly == readOnly)
        return;
    m_readOnly = readOnly;
    if (readOnly)
        endValue();
    rebuild();
}

bool SecretsForm::hasValue(const std::string &name) const
{
    return std::binary_search(m_valued.begin(), m_valued.end(), name);
}

void SecretsForm::rebuild()
{
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (const std::string &name : m_names)
        m_rows->addWidget(makeRow(name));
    m_hint->setVisible(m_names.empty() && m_adder->isHidden());
}

QWidget *SecretsForm::makeRow(const std::string &name)
{
    const QString shown = QString::fromStdString(name);
    const bool valued = hasValue(name);
    auto *row = new QWidget(this);
    auto *label = new QLabel(row);
    label->setFont(codeFont());
    label->setText(label->fontMetrics().elidedText(shown, Qt::ElideRight, 130));
    label->setToolTip(shown);
    auto *state = new QLabel(valued ? tr("has a value") : tr("no value yet"), row);
    state->setObjectName(QStringLiteral("secretState-") + shown);
    state->setProperty("role", valued ? QStringLiteral("muted") : QStringLiteral("error"));
    auto *set = new QToolButton(row);
    set->setObjectName(QStringLiteral("beginSecret-") + shown);
    set->setText(valued ? tr("Replace") : tr("Set"));
    set->setToolTip(tr("Give %1 a value; it is never shown").arg(shown));
    set->setAccessibleName(set->toolTip());
    set->setEnabled(!m_readOnly);
    auto *remove =
        makeButton(QStringLiteral("removeSecret-") + shown, "close", tr("Take %1 from the function").arg(shown), row);
    remove->setEnabled(!m_readOnly);
    auto *layout = rowIn(row);
    layout->addWidget(label);
    layout->addWidget(state, 1);
    layout->addWidget(set);
    layout->addWidget(remove);
    connect(set, &QToolButton::clicked, this, [this, shown] { beginValue(shown); });
    connect(remove, &QToolButton::clicked, this, [this, name] {
        Q_EMIT editRequested(Revoke{m_function, {Grant(SecretGrant{name})}});
    });
    return row;
}

void SecretsForm::beginValue(const QString &name)
{
    endValue();
    m_edited = name;
    m_value->setPlaceholderText(tr("Value of %1").arg(name));
    m_value->setAccessibleName(m_value->placeholderText());
    m_forget->setVisible(hasValue(name.toStdString()));
    m_valuer->show();
    m_value->setFocus();
}

void SecretsForm::endValue()
{
    m_value->clear();
    m_edited.clear();
    m_valuer->hide();
}

void SecretsForm::beginAdd()
{
    m_newName->setValue({});
    m_newName->restore();
    m_adder->show();
    m_hint->hide();
    m_newName->setFocus();
}

void SecretsForm::add()
{
    if (!m_newName->isGood()) {
        m_newName->setFocus();
        return;
    }
    m_adder->hide();
    const QString name = m_newName->text();
    Q_EMIT editRequested(Permit{m_function, {Grant(SecretGrant{name.toStdString()})}});
    if (!hasValue(name.toStdString()))
        beginValue(name);
}

} // namespace kiln::ui
