// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/executable.h"
#include "core/model/language.h"
#include "core/model/setting_rules.h"

#include <QTest>

using namespace kiln;

class tst_Language : public QObject
{
    Q_OBJECT

    static QString joined(const std::vector<std::string> &files)
    {
        QStringList list;
        for (const std::string &file : files)
            list << QString::fromStdString(file);
        return list.join(QLatin1Char(' '));
    }

private Q_SLOTS:
    void eachLanguageIsFoundByItsWord()
    {
        for (const LanguageFacts &facts : languages()) {
            QCOMPARE(languageFromWord(facts.word), std::optional(facts.language));
            QVERIFY(!isLanguageToCome(facts.word));
            QVERIFY(languageWords().find(facts.word) != std::string::npos);
            QVERIFY2(!facts.tag.empty() && facts.install.empty() == isExecutable(facts.language), facts.word.data());
        }
    }

    void otherWordsAreNoLanguage()
    {
        for (const char *word : {"", "Python", "python3", "java", "py"}) {
            QVERIFY(!languageFromWord(word));
            QVERIFY(!isLanguageToCome(word));
        }
    }

    void aHandlerNamesItsFile_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<QString>("handler");
        QTest::addColumn<QString>("files");
        QTest::newRow("python") << "python"
                                << "handler.handler"
                                << "handler.py handler/__init__.py";
        QTest::newRow("python package") << "python"
                                        << "shop.orders.handler"
                                        << "shop/orders.py shop/orders/__init__.py";
        QTest::newRow("node") << "node"
                              << "index.handler"
                              << "index.js index.mjs index.cjs";
        QTest::newRow("node, nested export") << "node"
                                             << "src/v1.0/index.api.get"
                                             << "src/v1.0/index.js src/v1.0/index.mjs src/v1.0/index.cjs";
        QTest::newRow("custom") << "custom"
                                << "function.handler"
                                << "bootstrap";
        QTest::newRow("exec") << "exec"
                              << "./bin/resize"
                              << "bin/resize";
    }
    void aHandlerNamesItsFile()
    {
        QFETCH(QString, language);
        QFETCH(QString, handler);
        QFETCH(QString, files);
        const auto known = languageFromWord(language.toStdString());
        QVERIFY(known);
        QCOMPARE(joined(handlerFiles(*known, handler.toStdString())), files);
    }

    void whatAHandlerMayBeDependsOnItsLanguage()
    {
        for (const char *good : {"./main.sh", "main", "bin/resize", "bin/re:size@2.sh", "caf\xc3\xa9"})
            QVERIFY2(isHandlerOf(Language::Exec, good), good);
        for (const char *bad : {"", ".", "./", "/bin/sh", "../x", "a/../b", "a/./b", "a//b", "a/", "..", "a b", "a\nb"})
            QVERIFY2(!isHandlerOf(Language::Exec, bad), bad);
        QVERIFY(!isHandlerOf(Language::Exec, std::string(300, 'a')));
        for (const char *good : {"function.handler", "anything", "com.example.Shop::handle"})
            QVERIFY2(isHandlerOf(Language::Custom, good), good);
        for (const char *bad : {"", "two words", "a\nb"})
            QVERIFY2(!isHandlerOf(Language::Custom, bad), bad);
        QVERIFY(isHandlerOf(Language::Python, "handler.handler"));
        QVERIFY(!isHandlerOf(Language::Python, "handler"));
    }

    void aVersionIsCutToWhatTellsItApart()
    {
        QCOMPARE(shortVersion(Language::Python, "3.11.2"), std::string("3.11"));
        QCOMPARE(shortVersion(Language::Node, "20.11.1"), std::string("20"));
        QCOMPARE(shortVersion(Language::Node, "20"), std::string("20"));
    }
};

QTEST_APPLESS_MAIN(tst_Language)
#include "tst_language.moc"
