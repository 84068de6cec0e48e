// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <functional>

class QLabel;
class QLineEdit;

namespace kiln::ui {

/// One value on one line: checked while it is typed, with what is wrong under it, and told when it is finished (Return
/// or leaving the field) if it is good and new. Escape takes the typing back.
class ValueField : public QWidget
{
    Q_OBJECT

public:
    /// What is wrong with a text, as a sentence; empty when nothing is.
    using Check = std::function<QString(const QString &)>;
    /// A muted remark at the field's right, such as the CPU share of a memory size.
    using Remark = std::function<QString(const QString &)>;

    explicit ValueField(const QString &name, QWidget *parent = nullptr);

    void setCheck(Check check) { m_check = std::move(check); }
    void setRemark(Remark remark);
    void setPlaceholder(const QString &text);
    void setReadOnly(bool readOnly);
    void useCodeFont();
    void keepSpaces() { m_keepSpaces = true; } ///< Spaces at the ends belong to the value.

    /// The value in force. Does not touch what is being typed.
    void setValue(const QString &value);
    /// Drops what is being typed as well.
    void restore();
    [[nodiscard]] QString text() const;
    [[nodiscard]] QString value() const { return m_value; }
    [[nodiscard]] bool isGood() const;
    [[nodiscard]] QLineEdit *edit() const { return m_edit; }

Q_SIGNALS:
    void committed(const QString &value);
    void edited();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void showState();
    void finish();

    QLineEdit *const m_edit;
    QLabel *const m_remarkLabel;
    QLabel *const m_problem;
    Check m_check;
    Remark m_remark;
    QString m_value;
    bool m_keepSpaces = false;
};

} // namespace kiln::ui
