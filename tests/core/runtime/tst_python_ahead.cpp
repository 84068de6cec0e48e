// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/runtime/worker_process.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace kiln;
using test::WorkerProcess;
namespace fs = std::filesystem;

/// Python modules whose code was compiled ahead, by the real compiler of them and under the real bootstrap.
class tst_PythonAhead : public QObject
{
    Q_OBJECT

    using Files = WorkerProcess::Files;

    std::optional<Interpreter> m_python;
    std::string m_said; ///< By the compiler.

    /// The body of a Code frame.
    std::string compiled(const Files &files)
    {
        const QTemporaryDir folder;
        const fs::path code = fs::path(folder.path().toStdString()) / "code";
        for (const auto &[path, content] : files) {
            fs::create_directories((code / path).parent_path());
            std::ofstream(code / path, std::ios::binary) << content;
        }
        const QString product = folder.filePath(QStringLiteral("product"));
        QProcess process;
        process.start(QStringLiteral("/bin/sh"),
                      {QStringLiteral("-c"), QStringLiteral("exec \"$0\" -I -S \"$1\" \"$2\" handler.py 3> \"$3\""),
                       QString::fromStdString(m_python->path.string()),
                       QStringLiteral(KILN_SOURCE_DIR "/resources/compilers/compile_ahead.py"),
                       QString::fromStdString(code.string()), product});
        if (!process.waitForFinished() || process.exitCode() != 0)
            qWarning("not compiled: %s", process.readAllStandardError().constData());
        m_said = process.readAllStandardOutput().toStdString();
        std::ifstream in(product.toStdString(), std::ios::binary);
        std::string size;
        std::getline(in, size);
        std::string body(std::istreambuf_iterator<char>(in), {});
        if (std::to_string(body.size()) != size)
            qWarning("%s bytes announced, %zu there", size.c_str(), body.size());
        return body;
    }

    std::string answerOf(const Files &files, std::string_view body,
                         WorkerProcess::Waits waits = WorkerProcess::Waits::ForNothing)
    {
        WorkerProcess process(*m_python, files, "handler.handler", {}, waits);
        const auto answer = process.init(body);
        if (answer.type != FrameType::Ready)
            return "not ready: " + answer.body + process.output();
        return process.invoke("{}").body;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_python = test::interpreterFor(Language::Python);
        if (!m_python)
            QSKIP("no usable python3 in /usr/bin or /usr/local/bin (apt install python3)");
    }

    void isWhatIsImported_data()
    {
        QTest::addColumn<int>("waits");
        QTest::newRow("by a new process") << int(WorkerProcess::Waits::ForNothing);
        QTest::newRow("by one that waited") << int(WorkerProcess::Waits::ForItsFunction);
    }
    void isWhatIsImported()
    {
        QFETCH(int, waits);
        const auto made = [](const std::string &word) {
            return Files{{"handler.py", "import helper, pkg.deep\n"
                                        "def handler(e, c): return ['" +
                                            word + "', helper.WORD, pkg.deep.WORD]\n"},
                         {"helper.py", "WORD = '" + word + "'\n"},
                         {"pkg/__init__.py", ""},
                         {"pkg/deep.py", "from . import word\nWORD = word.WORD\n"},
                         {"pkg/word.py", "WORD = '" + word + "'\n"}};
        };
        // They are never the same but here: it shows where a module came from.
        QCOMPARE(answerOf(made("read"), compiled(made("ahead")), WorkerProcess::Waits(waits)),
                 std::string(R"(["ahead", "ahead", "ahead"])"));
        QCOMPARE(answerOf(made("read"), {}, WorkerProcess::Waits(waits)), std::string(R"(["read", "read", "read"])"));
    }

    void isAsAnyOtherModule()
    {
        const Files files{{"handler.py", "import importlib.util, inspect, pkg.deep, sys\n"
                                         "def handler(e, c):\n"
                                         "    here = sys.path[0]\n"
                                         "    of = [(m.__name__, m.__package__, m.__file__.replace(here, ''),\n"
                                         "           m.__spec__.origin == m.__file__, m.__spec__.name,\n"
                                         "           [p.replace(here, '') for p in getattr(m, '__path__', [])],\n"
                                         "           m.__cached__ == importlib.util.cache_from_source(m.__file__))\n"
                                         "          for m in (sys.modules['handler'], pkg, pkg.deep)]\n"
                                         "    return [of, inspect.getsource(pkg.deep), inspect.getsource(handler)[:11],\n"
                                         "            importlib.reload(pkg.deep).WORD]\n"},
                          {"pkg/__init__.py", ""},
                          {"pkg/deep.py", "WORD = 1\n"}};
        const std::string read = answerOf(files, {});
        QVERIFY2(read.starts_with("[["), read.c_str());
        QCOMPARE(answerOf(files, compiled(files)), read);
    }

    void tracesNameTheFilesAndTheirLines()
    {
        const Files files{{"handler.py", "import helper\ndef handler(e, c): return helper.fail()\n"},
                          {"helper.py", "\n\ndef fail():\n    raise ValueError('no')\n"}};
        WorkerProcess process(*m_python, files, "handler.handler");
        // Inside a sandbox both are made in the same place.
        QVERIFY(process.init(compiled(files)).type == FrameType::Ready);
        const std::string told = process.invoke("{}").body;
        QVERIFY2(told.find("helper.py\\\", line 4, in fail") != std::string::npos, told.c_str());
    }

    void whatComesBeforeItInThePathIsTaken()
    {
        const Files files{{"handler.py", "import os, sys, tempfile\n"
                                         "folder = tempfile.mkdtemp()\n"
                                         "with open(folder + '/helper.py', 'w') as file: file.write('WORD = 2')\n"
                                         "sys.path.insert(0, folder)\n"
                                         "import helper\n"
                                         "os.unlink(folder + '/helper.py')\nos.rmdir(folder)\n"
                                         "def handler(e, c): return helper.WORD\n"},
                          {"helper.py", "WORD = 1\n"}};
        QCOMPARE(answerOf(files, compiled(files)), std::string("2"));
    }

    void whatTheImportSystemWouldNotTakeIsLeftOut()
    {
        const Files files{{"handler.py", "import both, json\ndef handler(e, c): return [both.WORD, json.__name__]\n"},
                          {"both.py", "WORD = 'module'\n"},
                          {"both/__init__.py", "WORD = 'package'\n"},
                          {"no-name.py", "raise ValueError\n"},
                          {"sys.py", "raise ValueError\n"}};
        QCOMPARE(answerOf(files, compiled(files)), std::string(R"(["package", "json"])"));
    }

    void whatDoesNotCompileIsToldAndFailsWhereItIsImported()
    {
        const Files files{{"handler.py", "def handler(e, c):\n"
                                         "    try:\n        import broken\n"
                                         "    except SyntaxError as error: return [error.lineno, error.text]\n"},
                          {"broken.py", "x = 1\ndef f(:\n"}};
        const std::string body = compiled(files);
        QVERIFY2(m_said.find("broken.py:2:") != std::string::npos, m_said.c_str());
        QVERIFY2(m_said.find(": warning: SyntaxError: ") != std::string::npos, m_said.c_str());
        QCOMPARE(answerOf(files, body), std::string("[2, \"def f(:\\n\"]"));
    }

    void whatCannotBeUsedIsPassedOver_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("of another version") << QByteArray("\x01\x02\r\n{");
        QTest::newRow("no dict") << QByteArray("N");
        QTest::newRow("cut") << QByteArray("{");
        QTest::newRow("garbage") << QByteArray(100, '\xff');
    }
    void whatCannotBeUsedIsPassedOver()
    {
        QFETCH(QByteArray, body);
        const Files files{{"handler.py", "def handler(e, c): return 'read'\n"}};
        std::string whole = compiled(files).substr(0, 4);
        if (qstrcmp(QTest::currentDataTag(), "of another version") == 0)
            whole.clear();
        QCOMPARE(answerOf(files, whole + body.toStdString()), std::string(R"("read")"));
    }

    void everyInterpreterOfThisMachineDoes()
    {
        const Files files{{"handler.py", "def handler(e, c): return type(__spec__.loader).__module__\n"}};
        for (const auto &interpreter : test::allInterpreters(Language::Python)) {
            const auto chosen = std::exchange(m_python, interpreter);
            QCOMPARE(answerOf(files, compiled(files)), std::string(R"("_kiln.compiled")"));
            m_python = chosen;
        }
    }
};

QTEST_GUILESS_MAIN(tst_PythonAhead)
#include "tst_python_ahead.moc"
