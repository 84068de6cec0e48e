// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/shell/recorded.h"
#include "ui/panes/inspector_pane.h"
#include "ui/panes/triggers_form.h"
#include "ui/panes/value_field.h"
#include "ui/panes/yaml_value.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

using namespace kiln;
using ui::InspectorPane;
using ui::ValueField;

class tst_InspectorPane : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_edits.clear();
        m_pane = std::make_unique<InspectorPane>();
        ui::TriggerChecks checks;
        checks.schedule = [](const ScheduleTrigger &trigger) {
            ui::SchedulePreview preview;
            if (trigger.expression == "0 2 * * *")
                preview.next.assign(5, WallTime(std::chrono::hours(2)));
            else
                preview.error = "expected five fields";
            return preview;
        };
        checks.route = [](const HttpTrigger &route) {
            return route.path.starts_with("/") ? std::string() : "the path must begin with /";
        };
        m_pane->setChecks(checks);
        m_snapshot = test::recordedSnapshot("/shop");
        m_pane->setSnapshot(m_snapshot);
        m_pane->setFunction(QStringLiteral("checkout"));
        connect(m_pane.get(), &InspectorPane::editRequested, this,
                [this](const WorkspaceEdit &edit) { m_edits.push_back(edit); });
        m_pane->resize(320, 1400);
        m_pane->show();
        m_pane->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_pane.get()));
    }
    void cleanup() { m_pane.reset(); }

    void aSettingIsOneExactEdit_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("yaml");
        QTest::newRow("memory") << "memory"
                                << "512 MB"
                                << "memory"
                                << "512MB";
        QTest::newRow("timeout") << "timeout"
                                 << "10 s"
                                 << "timeout"
                                 << "10s";
        QTest::newRow("workers") << "max"
                                 << "5"
                                 << "concurrency.max"
                                 << "5";
        QTest::newRow("queue") << "queue"
                               << "0"
                               << "concurrency.queue"
                               << "0";
        QTest::newRow("keep warm") << "keep_warm"
                                   << "90s"
                                   << "keep_warm"
                                   << "90s";
        QTest::newRow("keep warm, adaptive") << "keep_warm"
                                             << "adaptive"
                                             << "keep_warm"
                                             << "adaptive";
        QTest::newRow("min") << "min"
                             << "2"
                             << "concurrency.min"
                             << "2";
        QTest::newRow("longest wait") << "queue_age"
                                      << "30 s"
                                      << "concurrency.queue_age"
                                      << "30s";
        QTest::newRow("burst") << "burst"
                               << "50 per 10 s"
                               << "concurrency.burst"
                               << "{workers: 50, per: 10s}";
        QTest::newRow("burst, as on Lambda") << "burst"
                                             << "lambda"
                                             << "concurrency.burst"
                                             << "lambda";
        QTest::newRow("target") << "target"
                                << "concurrency 0.7"
                                << "concurrency.target"
                                << "{concurrency: 0.7}";
        QTest::newRow("target, rate") << "target"
                                      << "rate 50"
                                      << "concurrency.target"
                                      << "{rate: 50}";
        QTest::newRow("handler") << "handler"
                                 << "app.main"
                                 << "handler"
                                 << "app.main";
        QTest::newRow("age") << "max_age"
                             << "1h"
                             << "max_age"
                             << "1h";
    }

    void aSettingIsOneExactEdit()
    {
        QFETCH(QString, field);
        QFETCH(QString, typed);
        QFETCH(QString, key);
        QFETCH(QString, yaml);
        type(edit(field), typed);
        QTest::keyClick(edit(field), Qt::Key_Return);
        QCOMPARE(m_edits.size(), 1u);
        const auto &set = std::get<SetValue>(m_edits[0]);
        QCOMPARE(set.function, std::string("checkout"));
        QCOMPARE(joined(set.key), key);
        QCOMPARE(QString::fromStdString(set.yaml), yaml);
        edit(field)->clearFocus(); // leaving it must not tell the same again
        QCOMPARE(m_edits.size(), 1u);
    }

    void whatIsWrongIsSaidUnderTheFieldAndNotTold()
    {
        type(edit(QStringLiteral("timeout")), QStringLiteral("fast"));
        QTest::keyClick(edit(QStringLiteral("timeout")), Qt::Key_Return);
        QVERIFY(m_edits.empty());
        QCOMPARE(edit(QStringLiteral("timeout"))->accessibleDescription(),
                 QStringLiteral("Expected a duration such as 3 s or 5 m"));
        QTest::keyClick(edit(QStringLiteral("timeout")), Qt::Key_Escape);
        QCOMPARE(edit(QStringLiteral("timeout"))->text(), QStringLiteral("3 s"));
    }

    void howManyAWorkerMayHaveAtOnceIsForLanguagesThatCan()
    {
        const auto *python = m_pane->findChild<ValueField *>(QStringLiteral("per_worker"));
        QVERIFY(!python->isEnabled());
        QVERIFY(python->toolTip().contains(QStringLiteral("python runs one event at a time")));
        m_pane->setFunction(QStringLiteral("thumbnail"));
        QLineEdit *perWorker = edit(QStringLiteral("per_worker"));
        QVERIFY(perWorker->isEnabled());
        type(perWorker, QStringLiteral("1001"));
        QTest::keyClick(perWorker, Qt::Key_Return);
        QVERIFY(m_edits.empty());
        QVERIFY(!perWorker->accessibleDescription().isEmpty());
        type(perWorker, QStringLiteral("10"));
        QTest::keyClick(perWorker, Qt::Key_Return);
        QCOMPARE(m_edits.size(), 1u);
        const auto &set = std::get<SetValue>(m_edits[0]);
        QCOMPARE(joined(set.key), QStringLiteral("concurrency.per_worker"));
        QCOMPARE(QString::fromStdString(set.yaml), QStringLiteral("10"));
    }

    void howManyAWorkerMayHaveAtOnceMindsTheOtherSettings()
    {
        changeSettings("thumbnail", [](FunctionSettings &settings) {
            settings.concurrency.perWorker = 5;
            settings.concurrency.target = ScaleTarget{ScaleTarget::Measure::Concurrency, 4};
        });
        m_pane->setFunction(QStringLiteral("thumbnail"));
        QLineEdit *target = edit(QStringLiteral("target"));
        type(target, QStringLiteral("concurrency 6"));
        QCOMPARE(target->accessibleDescription(),
                 QStringLiteral("Expected 0.01 to 5, as many as a worker may have at once"));
        QTest::keyClick(target, Qt::Key_Escape);
        QLineEdit *perWorker = edit(QStringLiteral("per_worker"));
        type(perWorker, QStringLiteral("3"));
        QCOMPARE(perWorker->accessibleDescription(), QStringLiteral("The target wants more than that of each worker"));
        QTest::keyClick(perWorker, Qt::Key_Escape);
        changeSettings("thumbnail", [](FunctionSettings &settings) {
            settings.concurrency = {};
            settings.reuse = Reuse::Never;
        });
        type(perWorker, QStringLiteral("2"));
        QCOMPARE(perWorker->accessibleDescription(),
                 QStringLiteral("Reuse is Never: each invocation gets a worker of its own"));
    }

    void aSnapshotDoesNotDisturbTyping()
    {
        type(edit(QStringLiteral("memory")), QStringLiteral("300 MB"));
        auto next = std::make_shared<Snapshot>(*m_snapshot);
        next->workspace = std::make_shared<WorkspaceView>(*m_snapshot->workspace);
        m_pane->setSnapshot(next);
        QCOMPARE(edit(QStringLiteral("memory"))->text(), QStringLiteral("300 MB"));
    }

    void aRefusedEditShowsTheDiskAgain()
    {
        type(edit(QStringLiteral("memory")), QStringLiteral("300 MB"));
        QTest::keyClick(edit(QStringLiteral("memory")), Qt::Key_Return);
        m_pane->restore();
        QCOMPARE(edit(QStringLiteral("memory"))->text(), QStringLiteral("256 MB"));
    }

    void environmentIsAddedChangedAndRemoved()
    {
        click("beginVariable");
        type(edit(QStringLiteral("newName")), QStringLiteral("REGION"));
        QTest::keyClick(edit(QStringLiteral("newName")), Qt::Key_Return);
        type(edit(QStringLiteral("newValue")), QStringLiteral("yes"));
        QTest::keyClick(edit(QStringLiteral("newValue")), Qt::Key_Return);
        QCOMPARE(m_edits.size(), 1u);
        QCOMPARE(joined(std::get<SetValue>(m_edits[0]).key), QStringLiteral("environment.REGION"));
        QCOMPARE(std::get<SetValue>(m_edits[0]).yaml, std::string("\"yes\"")); // text, not a truth value

        type(edit(QStringLiteral("env-CURRENCY")), QStringLiteral("a \"b\""));
        QTest::keyClick(edit(QStringLiteral("env-CURRENCY")), Qt::Key_Return);
        QCOMPARE(std::get<SetValue>(m_edits.back()).yaml, std::string("\"a \\\"b\\\"\""));

        click("remove-SHOP_NAME");
        QCOMPARE(joined(std::get<SetValue>(m_edits.back()).key), QStringLiteral("environment.SHOP_NAME"));
        QCOMPARE(std::get<SetValue>(m_edits.back()).yaml, std::string());
    }

    void aReservedVariableIsRefused()
    {
        click("beginVariable");
        type(edit(QStringLiteral("newName")), QStringLiteral("AWS_REGION"));
        QTest::keyClick(edit(QStringLiteral("newValue")), Qt::Key_Return);
        QVERIFY(m_edits.empty());
    }

    void aGrantIsAddedChangedAndTakenBack()
    {
        click("beginGrant");
        type(edit(QStringLiteral("newPath")), QStringLiteral("../../images"));
        click("addGrant");
        QCOMPARE(joined(std::get<SetValue>(m_edits.back()).key), QStringLiteral("permissions.files"));
        QCOMPARE(std::get<SetValue>(m_edits.back()).yaml,
                 std::string("[{path: \"../../data\", mode: ro}, {path: \"../../images\", mode: ro}]"));
        click("removeGrant-0");
        QCOMPARE(std::get<SetValue>(m_edits.back()).yaml, std::string());
    }

    void permissionsThatNothingWasSeenOfAreListed()
    {
        auto *idle = m_pane->findChild<QLabel *>(QStringLiteral("idleGrants"));
        QVERIFY(idle && !idle->isVisible());
        setUses({{.grant = "files:../../data:ro", .seen = 214, .used = 0},
                 {.grant = "secret:API_KEY", .seen = 214, .used = 3},
                 {.grant = "network:loopback", .visible = false, .seen = 300},
                 {.grant = "network:example.com:443", .seen = 321}});
        QVERIFY(idle->isVisible());
        QCOMPARE(idle->text(),
                 QStringLiteral("Not seen in use in 200 invocations: files:../../data:ro, network:example.com:443"));
        setUses({{.grant = "files:../../data:ro", .seen = 3}});
        QCOMPARE(idle->text(), QStringLiteral("Not seen in use yet: files:../../data:ro"));
        setUses({{.grant = "files:../../data:ro"}}); // nothing ran with it
        QVERIFY(!idle->isVisible());
    }

    void aLongNameIsBrokenAndDoesNotWidenThePane()
    {
        const std::string grant = "files:/srv/" + std::string(200, 'x') + ":ro";
        setUses({{.grant = grant, .seen = 5}});
        auto *idle = m_pane->findChild<QLabel *>(QStringLiteral("idleGrants"));
        QVERIFY2(idle->minimumSizeHint().width() < 300, qPrintable(QString::number(idle->minimumSizeHint().width())));
        QCOMPARE(idle->text().remove(QChar(0x200b)),
                 QStringLiteral("Not seen in use yet: ") + QString::fromStdString(grant));
    }

    void theLeastIsProposedShownAndAppliedOnlyWhenAgreedTo()
    {
        auto *propose = m_pane->findChild<QPushButton *>(QStringLiteral("proposeLeast"));
        auto *apply = m_pane->findChild<QPushButton *>(QStringLiteral("applyLeast"));
        auto *changes = m_pane->findChild<QLabel *>(QStringLiteral("leastChanges"));
        QVERIFY(!propose->isVisible());
        const std::vector<GrantUse> uses{
            {.grant = "network:all", .seen = 9, .used = 2, .lastUsed = WallTime{}, .least = {"network:a.example:443"}},
            {.grant = "files:../../data:ro", .seen = 9}};
        setUses(uses);
        QVERIFY(propose->isVisible() && !apply->isVisible());
        QTest::mouseClick(propose, Qt::LeftButton);
        QCOMPARE(changes->text(),
                 QString::fromUtf8("\u2212 network:all\n\u2212 files:../../data:ro\n+ network:a.example:443"));
        QVERIFY(m_edits.empty());
        auto later = uses;
        later[1].used = 1; // it changes meanwhile: what is agreed to is what was shown
        later[1].least = {"files:../../data:ro"};
        setUses(later);
        QTest::mouseClick(apply, Qt::LeftButton);
        const auto &narrow = std::get<Narrow>(m_edits.back());
        QCOMPARE(narrow.function, std::string("checkout"));
        QCOMPARE(narrow.remove.size(), std::size_t(2));
        QCOMPARE(toText(narrow.add.at(0)), std::string("network:a.example:443"));
        QVERIFY(!apply->isVisible());
    }

    void aSecretIsGivenItsValueWhichIsNeverShown()
    {
        std::vector<std::pair<QString, QString>> given;
        QStringList forgotten;
        connect(m_pane.get(), &InspectorPane::secretGiven, this,
                [&](const QString &name, const QString &value) { given.emplace_back(name, value); });
        connect(m_pane.get(), &InspectorPane::secretForgotten, this, [&](const QString &name) { forgotten << name; });
        click("beginSecret");
        type(edit(QStringLiteral("newSecret")), QStringLiteral("API_KEY"));
        click("addSecret");
        QCOMPARE(toText(std::get<Permit>(m_edits.back()).grants.at(0)), std::string("secret:API_KEY"));
        auto *value = m_pane->findChild<QLineEdit *>(QStringLiteral("secretValue"));
        QVERIFY(value->isVisible() && value->echoMode() == QLineEdit::Password); // it has none: it is asked for
        click("setSecret");
        QVERIFY(given.empty()); // nothing is no value
        QTest::keyClicks(value, QStringLiteral("hunter2"));
        QTest::keyClick(value, Qt::Key_Return);
        QCOMPARE(given,
                 (std::vector<std::pair<QString, QString>>{{QStringLiteral("API_KEY"), QStringLiteral("hunter2")}}));
        QVERIFY(!value->isVisible() && value->text().isEmpty());

        setSecrets({"API_KEY", "SPARE"}, {"API_KEY"});
        const auto state = [&](const char *name) {
            return m_pane->findChild<QLabel *>(QStringLiteral("secretState-") + QString::fromLatin1(name))->text();
        };
        QCOMPARE(state("API_KEY"), QStringLiteral("has a value"));
        QCOMPARE(state("SPARE"), QStringLiteral("no value yet"));
        click("beginSecret-SPARE");
        QVERIFY(!m_pane->findChild<QToolButton *>(QStringLiteral("forgetSecret"))->isVisible());
        click("beginSecret-API_KEY");
        QVERIFY(value->text().isEmpty());
        click("forgetSecret");
        QCOMPARE(forgotten, QStringList{QStringLiteral("API_KEY")});
        click("removeSecret-SPARE");
        QCOMPARE(toText(std::get<Revoke>(m_edits.back()).grants.at(0)), std::string("secret:SPARE"));
    }

    void whatARevisionAsksForMoreIsTold()
    {
        auto *asked = m_pane->findChild<QLabel *>(QStringLiteral("askedMore"));
        QVERIFY(!asked->isVisible());
        auto next = std::make_shared<Snapshot>(*m_snapshot);
        auto workspace = std::make_shared<WorkspaceView>(*m_snapshot->workspace);
        for (FunctionView &function : workspace->functions)
            if (function.name == "checkout")
                function.asksMore = {"network:all", "files:/srv:rw"};
        next->workspace = workspace;
        m_pane->setSnapshot(next);
        QVERIFY(asked->isVisible());
        QCOMPARE(asked->text(), QStringLiteral("More than it has run with before: network:all, files:/srv:rw"));
    }

    void aHostIsGrantedByNameAndPort()
    {
        click("beginGrant");
        type(edit(QStringLiteral("newPath")), QStringLiteral("Db.example:5432"));
        click("addGrant");
        const auto &permit = std::get<Permit>(m_edits.back());
        QCOMPARE(toText(permit.grants.at(0)), std::string("network:db.example:5432"));
    }

    void aScheduleShowsItsNextRunsOrWhatIsWrong()
    {
        m_pane->findChild<ui::TriggersForm *>()->beginAdd(ScheduleTrigger{});
        auto *expression = m_pane->findChild<QLineEdit *>(QStringLiteral("expression"));
        auto *note = m_pane->findChild<QLabel *>(QStringLiteral("note"));
        type(expression, QStringLiteral("0 2 * *"));
        QCOMPARE(note->text(), QStringLiteral("expected five fields"));
        QTest::keyClick(expression, Qt::Key_Return);
        QVERIFY(m_edits.empty());

        type(expression, QStringLiteral("0 2 * * *"));
        QCOMPARE(note->text().count(QLatin1Char('\n')), 5);
        QTest::mouseClick(m_pane->findChild<QPushButton *>(QStringLiteral("save")), Qt::LeftButton);
        QCOMPARE(std::get<AddTrigger>(m_edits.back()).trigger, Trigger(ScheduleTrigger{"0 2 * * *", "UTC"}));
    }

    void aRouteIsEditedInItsPlace()
    {
        click("editTrigger-1");
        auto *path = m_pane->findChild<QLineEdit *>(QStringLiteral("path"));
        QCOMPARE(path->text(), QStringLiteral("/orders/{id}"));
        type(path, QStringLiteral("orders"));
        QVERIFY(!m_pane->findChild<QPushButton *>(QStringLiteral("save"))->isEnabled());
        type(path, QStringLiteral("/orders/{rest+}"));
        QTest::keyClick(path, Qt::Key_Return);
        const auto &replaced = std::get<ReplaceTrigger>(m_edits.back());
        QCOMPARE(replaced.index, std::size_t(1));
        QCOMPARE(replaced.trigger, Trigger(HttpTrigger{"GET", "/orders/{rest+}"}));
    }

    void aTriggerIsRemoved()
    {
        click("removeTrigger-2");
        QCOMPARE(std::get<RemoveTrigger>(m_edits.back()).index, std::size_t(2));
    }

    void nothingCanBeChangedInAReadOnlyWorkspace()
    {
        auto next = std::make_shared<Snapshot>(*m_snapshot);
        auto workspace = std::make_shared<WorkspaceView>(*m_snapshot->workspace);
        workspace->readOnly = true;
        next->workspace = workspace;
        m_pane->setSnapshot(next);
        QVERIFY(edit(QStringLiteral("memory"))->isReadOnly());
        QVERIFY(!m_pane->findChild<QToolButton *>(QStringLiteral("beginVariable"))->isEnabled());
        QTRY_VERIFY(
            !m_pane->findChild<QToolButton *>(QStringLiteral("removeTrigger-2"))->isEnabled()); // rows are made anew
    }

    void textIsQuotedWhereYamlWouldReadSomethingElse_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("yaml");
        QTest::newRow("word") << "EUR"
                              << "EUR";
        QTest::newRow("number") << "08"
                                << "\"08\"";
        QTest::newRow("truth") << "No"
                               << "\"No\"";
        QTest::newRow("empty") << ""
                               << "\"\"";
        QTest::newRow("comment") << "a #b"
                                 << "\"a #b\"";
        QTest::newRow("backslash") << "C:\\x"
                                   << "\"C:\\\\x\"";
        QTest::newRow("control") << QStringLiteral("a\x01\n") << "\"a\\x01\\n\"";
    }

    void textIsQuotedWhereYamlWouldReadSomethingElse()
    {
        QFETCH(QString, text);
        QFETCH(QString, yaml);
        QCOMPARE(QString::fromStdString(ui::yamlText(text.toStdString())), yaml);
    }

private:
    void setSecrets(const std::vector<std::string> &names, const std::vector<std::string> &valued)
    {
        auto next = std::make_shared<Snapshot>(*m_snapshot);
        auto workspace = std::make_shared<WorkspaceView>(*m_snapshot->workspace);
        for (FunctionView &function : workspace->functions)
            if (function.name == "checkout")
                function.settings.secrets = names;
        workspace->secrets = valued;
        next->workspace = workspace;
        m_pane->setSnapshot(next);
    }
    void setUses(const std::vector<GrantUse> &uses)
    {
        auto next = std::make_shared<Snapshot>(*m_snapshot);
        for (FunctionLive &live : next->functions)
            if (live.name == "checkout")
                live.grants = uses;
        m_pane->setSnapshot(next);
    }
    void changeSettings(const std::string &function, const std::function<void(FunctionSettings &)> &change)
    {
        auto workspace = std::make_shared<WorkspaceView>(*m_snapshot->workspace);
        for (FunctionView &view : workspace->functions)
            if (view.name == function)
                change(view.settings);
        auto next = std::make_shared<Snapshot>(*m_snapshot);
        next->workspace = std::move(workspace);
        m_snapshot = next;
        m_pane->setSnapshot(m_snapshot);
    }
    QLineEdit *edit(const QString &name) const { return m_pane->findChild<ValueField *>(name)->edit(); }
    void click(const char *name) const
    {
        QTest::mouseClick(m_pane->findChild<QToolButton *>(QString::fromLatin1(name)), Qt::LeftButton);
    }
    static void type(QLineEdit *into, const QString &text)
    {
        into->setFocus();
        into->selectAll();
        QTest::keyClicks(into, text);
    }
    static QString joined(const std::vector<std::string> &key)
    {
        QStringList parts;
        for (const std::string &part : key)
            parts << QString::fromStdString(part);
        return parts.join(QLatin1Char('.'));
    }

    std::unique_ptr<InspectorPane> m_pane;
    std::shared_ptr<Snapshot> m_snapshot;
    std::vector<WorkspaceEdit> m_edits;
};

QTEST_MAIN(tst_InspectorPane)
#include "tst_inspector_pane.moc"
