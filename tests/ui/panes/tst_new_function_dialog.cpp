// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/new_function_dialog.h"

#include <QComboBox>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QStandardItemModel>
#include <QTest>

using namespace kiln;
using ui::NewFunctionDialog;

class tst_NewFunctionDialog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_made.reset();
        const std::vector<Interpreter> interpreters{
            {Language::Python, "3.12.1", "/root/python", {}, "not readable for a sandboxed user"},
            {Language::Python, "3.11.2", "/usr/bin/python3.11", {}, {}},
            {Language::Node, "20.11.1", "/usr/bin/node", {}, {}},
            {Language::Exec, "", "/opt/kiln-runtime", {}, {}}};
        m_dialog = std::make_unique<NewFunctionDialog>(
            std::vector<ui::TemplateChoice>{{s("node"), s("basic"), s("Basic"), s("Node's")},
                                            {s("python"), s("http"), s("HTTP"), s("Answers a request")},
                                            {s("python"), s("basic"), s("Basic"), s("Answers the event")}},
            interpreters, QStringList{s("checkout")});
        connect(m_dialog.get(), &NewFunctionDialog::requested, this,
                [this](const NewFunction &made) { m_made = made; });
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_dialog.get()));
    }
    void cleanup() { m_dialog.reset(); }

    void onlyUsableInterpretersAreOffered()
    {
        const auto *runtime = m_dialog->findChild<QComboBox *>(s("runtime"));
        QCOMPARE(runtime->itemText(0), s("Python 3.11.2"));
        QCOMPARE(runtime->itemText(1), s("Node.js 20.11.1"));
        QCOMPARE(runtime->itemText(2), s("Executable"));
        const auto *model = qobject_cast<const QStandardItemModel *>(runtime->model());
        for (int i = 0; i < runtime->count(); ++i)
            QCOMPARE(model->item(i)->isEnabled(), i < 3);
    }

    void whatIsMissingSaysHowToHaveIt()
    {
        const auto *runtime = m_dialog->findChild<QComboBox *>(s("runtime"));
        const int ruby = runtime->findText(s("Ruby: apt install ruby"));
        QVERIFY(ruby >= 3);
        QVERIFY(runtime->itemData(ruby, Qt::ToolTipRole).toString().contains(s("apt install ruby")));
    }

    void aNameIsNeeded() { QVERIFY(!create()->isEnabled()); }

    void aTakenOrBadNameIsRefused_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("taken") << "checkout";
        QTest::newRow("path") << "../evil";
        QTest::newRow("digit first") << "1st";
        QTest::newRow("long") << QString(65, QLatin1Char('a'));
    }

    void aTakenOrBadNameIsRefused()
    {
        QFETCH(QString, name);
        QTest::keyClicks(nameField(), name);
        QVERIFY(!create()->isEnabled());
        QTest::keyClick(nameField(), Qt::Key_Return);
        QVERIFY(!m_made);
    }

    void returnMakesTheFunctionFromTheBasicTemplate()
    {
        QTest::keyClicks(nameField(), s("refund"));
        QTest::keyClick(nameField(), Qt::Key_Return);
        QVERIFY(m_made);
        QCOMPARE(m_made->name, std::string("refund"));
        QCOMPARE(m_made->runtime, std::string("python"));
        QCOMPARE(m_made->templateName, std::string("basic"));
        QVERIFY(!m_dialog->isVisible());
    }

    void theTemplatesAreThoseOfTheRuntime()
    {
        auto *list = m_dialog->findChild<QListWidget *>(s("templates"));
        QCOMPARE(list->count(), 2);
        m_dialog->findChild<QComboBox *>(s("runtime"))->setCurrentIndex(1);
        QCOMPARE(list->count(), 1);
        QTest::keyClicks(nameField(), s("thumb"));
        QTest::mouseClick(create(), Qt::LeftButton);
        QCOMPARE(m_made->runtime, std::string("node"));
    }

private:
    static QString s(const char *text) { return QString::fromLatin1(text); }
    QPushButton *create() const { return m_dialog->findChild<QPushButton *>(s("create")); }
    QLineEdit *nameField() const { return m_dialog->findChild<QWidget *>(s("name"))->findChild<QLineEdit *>(); }

    std::unique_ptr<NewFunctionDialog> m_dialog;
    std::optional<NewFunction> m_made;
};

QTEST_MAIN(tst_NewFunctionDialog)
#include "tst_new_function_dialog.moc"
