// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/function_error.h"
#include "core/runtime/log_format.h"
#include "tests/core/runtime/worker_process.h"

#include <QTest>

using namespace kiln;
using test::WorkerProcess;

/// The real bootstrap under the real Ruby, over a socketpair.
class tst_RubyHandlers : public QObject
{
    Q_OBJECT

    std::optional<Interpreter> m_ruby;

    std::unique_ptr<WorkerProcess> worker(const WorkerProcess::Files &files,
                                          const std::string &handler = "handler.handler",
                                          std::map<std::string, std::string> environment = {})
    {
        return std::make_unique<WorkerProcess>(*m_ruby, files, handler, std::move(environment));
    }
    /// A worker that is Ready.
    std::unique_ptr<WorkerProcess> ready(const std::string &code)
    {
        auto process = worker({{"handler.rb", code}});
        const auto answer = process->init();
        if (answer.type != FrameType::Ready)
            qWarning("not ready: %s\n%s", answer.body.c_str(), process->output().c_str());
        return process;
    }
    static std::string handler(const std::string &body) { return "def handler(event:, context:)\n" + body + "\nend\n"; }
    static FunctionError errorOf(const WorkerProcess::Answer &answer)
    {
        const auto error = readFunctionError(answer.body);
        return error ? *error : FunctionError{"?", answer.body, {}};
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_ruby = test::interpreterFor(Language::Ruby);
        if (!m_ruby)
            QSKIP("no usable ruby in /usr/bin or /usr/local/bin (apt install ruby)");
    }

    void answersWithWhatTheHandlerReturns_data()
    {
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("response");
        QTest::newRow("event") << "event"
                               << R"({"a":[1,2.5,null,"é"]})";
        QTest::newRow("part of it") << "event['a'].last"
                                    << R"("é")";
        QTest::newRow("nothing") << "nil"
                                 << "null";
        QTest::newRow("symbols") << "{statusCode: 200, ok: true}"
                                 << R"({"statusCode":200,"ok":true})";
        QTest::newRow("text of another encoding") << "'é'.encode('ISO-8859-1')"
                                                  << R"("é")";
        QTest::newRow("bytes as they are") << "require 'stringio'; StringIO.new('<p>')"
                                           << "<p>";
    }
    void answersWithWhatTheHandlerReturns()
    {
        QFETCH(QString, body);
        QFETCH(QString, response);
        auto process = ready(handler(body.toStdString()));
        for (int i = 0; i < 3; ++i) {
            const auto answer = process->invoke(" {\"a\": [1, 2.5, null, \"é\"]} ");
            QVERIFY2(answer.type == FrameType::Result, answer.body.c_str());
            QCOMPARE(QString::fromStdString(answer.body), response);
            QCOMPARE(answer.serial, process->serial);
        }
    }

    void whatCannotBeWrittenAsJsonIsAMarshalError_data()
    {
        QTest::addColumn<QString>("body");
        QTest::newRow("not UTF-8") << "\"\\xff\"";
        QTest::newRow("not a number") << "Float::NAN";
        QTest::newRow("circle") << "a = []; a << a";
        QTest::newRow("to_json that raises") << "o = Object.new; def o.to_json(*) = raise('x'); o";
    }
    void whatCannotBeWrittenAsJsonIsAMarshalError()
    {
        QFETCH(QString, body);
        auto process = ready(handler(body.toStdString()));
        const auto answer = process->invoke("{}");
        QVERIFY2(answer.type == FrameType::Failure, answer.body.c_str());
        QCOMPARE(errorOf(answer).type, std::string("Runtime.MarshalError"));
        QVERIFY(process->invoke("{}").type == FrameType::Failure); // and it still serves
    }

    void anEventThatIsNotJsonIsAnUnmarshalError()
    {
        auto process = ready(handler("event"));
        for (const std::string_view bad : {"", "{", "x", "1 2", "\"\xff\""}) {
            const auto answer = process->invoke(bad);
            QVERIFY2(answer.type == FrameType::Failure, answer.body.c_str());
            QCOMPARE(errorOf(answer).type, std::string("Runtime.UnmarshalError"));
        }
        QCOMPARE(process->invoke("7").body, std::string("7"));
    }

    void anErrorTellsTypeMessageAndTheUsersOwnLines()
    {
        auto process = ready("def inner(event)\n  event.fetch('missing')\nend\n" + handler("  inner(event)"));
        const auto answer = process->invoke("{}");
        QVERIFY(answer.type == FrameType::Failure);
        QCOMPARE(int(answer.flags), 0);
        const auto error = errorOf(answer);
        QCOMPARE(error.type, std::string("Function<KeyError>"));
        QCOMPARE(error.message, std::string("key not found: \"missing\""));
        const std::string file = process->code() + "/handler.rb:";
        QCOMPARE(error.stack.size(), std::size_t(3)); // `fetch` itself has the line that called it
        QVERIFY2(error.stack[1].starts_with(file + "2:in "), error.stack[1].c_str());
        QVERIFY2(error.stack[2].starts_with(file + "5:in "), error.stack[2].c_str());
        process->closeChannel();
        process->wait();
        QVERIFY2(process->output().starts_with("[ERROR] Function<KeyError>: key not found: \"missing\"\n  " + file),
                 process->output().c_str());
        QCOMPARE(levelOf(process->output(), Language::Ruby), LogLevel::Error);
    }

    void causesComeAfterTheError()
    {
        auto process = ready(handler("begin\n  Integer('x')\nrescue ArgumentError\n  raise IOError, 'bad'\nend"));
        const auto error = errorOf(process->invoke("{}"));
        QCOMPARE(error.type, std::string("Function<IOError>"));
        const auto cause = std::find_if(error.stack.begin(), error.stack.end(),
                                        [](const std::string &line) { return line.starts_with("Caused by: "); });
        QVERIFY(cause != error.stack.end());
        QCOMPARE(*cause, std::string("Caused by: ArgumentError: invalid value for Integer(): \"x\""));
    }

    void strangeErrorsAreToldToo_data()
    {
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("message");
        QTest::newRow("recursion") << "def f = f()\nf"
                                   << "Function<SystemStackError>"
                                   << "stack level too deep";
        QTest::newRow("not a StandardError") << "raise NoMemoryError, 'x'"
                                             << "Function<NoMemoryError>"
                                             << "x";
        QTest::newRow("interrupt") << "raise Interrupt, 'x'"
                                   << "Function<Interrupt>"
                                   << "x";
        QTest::newRow("without a name") << "raise Class.new(StandardError), 'x'"
                                        << "Function<Exception>"
                                        << "x";
        QTest::newRow("no text") << "e = StandardError.new; def e.message = raise('y')\nraise e"
                                 << "Function<StandardError>"
                                 << "its message cannot be shown";
        QTest::newRow("not UTF-8") << "raise \"a\\xff\""
                                   << "Function<RuntimeError>"
                                   << "a\uFFFD";
        QTest::newRow("odd backtrace") << "raise IOError, 'x', []"
                                       << "Function<IOError>"
                                       << "x";
        QTest::newRow("uncaught throw") << "throw :x"
                                        << "Function<UncaughtThrowError>"
                                        << "uncaught throw :x";
    }
    void strangeErrorsAreToldToo()
    {
        QFETCH(QString, body);
        QFETCH(QString, type);
        QFETCH(QString, message);
        auto process = ready(handler(body.toStdString()));
        const auto answer = process->invoke("{}");
        QVERIFY2(answer.type == FrameType::Failure, answer.body.c_str());
        const auto error = errorOf(answer);
        QCOMPARE(QString::fromStdString(error.type), type);
        QCOMPARE(QString::fromStdString(error.message), message);
        QVERIFY(error.stack.size() <= 201);
        QVERIFY(process->invoke("{}").type == FrameType::Failure);
    }

    void aFileThatDoesNotLoadIsAnInitError_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("handler");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("place");
        QTest::newRow("missing library") << "\nrequire 'xlsx'"
                                         << "handler.handler"
                                         << "Init<LoadError>"
                                         << "cannot load such file -- xlsx"
                                         << "/handler.rb:2";
        QTest::newRow("no such file") << ""
                                      << "other.handler"
                                      << "Runtime.ImportModuleError"
                                      << "cannot load such file -- other.rb"
                                      << "";
        QTest::newRow("no such method") << "def other = 1"
                                        << "handler.handler"
                                        << "Runtime.HandlerNotFound"
                                        << "handler.handler: there is no method handler"
                                        << "";
        QTest::newRow("no such class") << "def handler = 1"
                                       << "handler.Shop.handler"
                                       << "Runtime.HandlerNotFound"
                                       << "handler.Shop.handler: there is no class or module Shop"
                                       << "";
        QTest::newRow("no dot") << ""
                                << "handler"
                                << "Runtime.MalformedHandlerName"
                                << "Invalid handler handler"
                                << "";
        QTest::newRow("outside") << ""
                                 << "../evil.handler"
                                 << "Runtime.MalformedHandlerName"
                                 << "Invalid handler ../evil.handler"
                                 << "";
        QTest::newRow("syntax") << "x = 1\ndef handler(\n"
                                << "handler.handler"
                                << "Runtime.UserCodeSyntaxError"
                                << ""
                                << "/handler.rb:";
        QTest::newRow("raises") << "\n\nraise RangeError, 'no'"
                                << "handler.handler"
                                << "Init<RangeError>"
                                << "no"
                                << "/handler.rb:3";
    }
    void aFileThatDoesNotLoadIsAnInitError()
    {
        QFETCH(QString, code);
        QFETCH(QString, handler);
        QFETCH(QString, type);
        QFETCH(QString, message);
        QFETCH(QString, place);
        auto process = worker({{"handler.rb", code.toStdString()}}, handler.toStdString());
        const auto answer = process->init();
        QVERIFY(answer.type == FrameType::InitError);
        QCOMPARE(process->wait(), 1);
        const auto error = errorOf(answer);
        QCOMPARE(QString::fromStdString(error.type), type);
        QVERIFY2(QString::fromStdString(error.message).startsWith(message), error.message.c_str());
        if (!place.isEmpty()) {
            QVERIFY(!error.stack.empty());
            QVERIFY2(error.stack.front().starts_with(process->code() + place.toStdString()),
                     error.stack.front().c_str());
        }
        for (const auto &line : error.stack)
            QVERIFY2(line.find("resources/runtimes") == std::string::npos, line.c_str());
    }

    void theHandlerMayBeInAFolderAndAModule()
    {
        auto process = worker({{"src/app.rb", "require_relative 'part'\nmodule Shop\n  class Api\n"
                                              "    def self.get(event:, context:) = [N, event]\n  end\nend"},
                               {"src/part.rb", "N = 5"}},
                              "src/app.Shop::Api.get");
        QVERIFY(process->init().type == FrameType::Ready);
        QCOMPARE(process->invoke("1").body, std::string("[5,1]"));
    }

    void theFileRunsOnce()
    {
        auto process = ready("$n = 0\n" + handler("$n += 1"));
        QCOMPARE(process->invoke("{}").body, std::string("1"));
        QCOMPARE(process->invoke("{}").body, std::string("2"));
    }

    void theContextHasLambdasFields()
    {
        auto process = ready(handler(
            "left = context.get_remaining_time_in_millis\n"
            "raise left.to_s unless left.positive? && left <= 60_000 && context.client_context.nil?\n"
            "[context.aws_request_id, context.function_name, context.function_version, context.invoked_function_arn,\n"
            " context.memory_limit_in_mb, context.log_group_name, context.log_stream_name, context.identity]"));
        QCOMPARE(QString::fromStdString(process->invoke("{}").body),
                 QStringLiteral(R"(["%1","shop","$LATEST","arn:aws:lambda:us-east-1:000000000000:function:shop","128",)"
                                R"("/aws/lambda/shop","2026/11/23/[$LATEST]01",null])")
                     .arg(QLatin1String(WorkerProcess::requestId)));
    }

    void theCallersContextIsHandedOn()
    {
        auto process = ready(handler("[context.client_context['custom'], ENV['_X_AMZN_TRACE_ID']]"));
        const auto answer = process->invoke("{}", R"({"client_context":{"custom":{"a":1}},"trace_id":"Root=1-2"})");
        QCOMPARE(answer.body, std::string(R"([{"a":1},"Root=1-2"])"));
    }

    void theEnvironmentIsTheFunctionsAndLambdas()
    {
        auto process = worker({{"handler.rb", handler("[ENV['CURRENCY'], ENV['_HANDLER'], ENV['AWS_EXECUTION_ENV'],"
                                                      "ENV['KILN_PARKED'], `/usr/bin/env`.include?('CURRENCY=€')]")}},
                              "handler.handler", {{"CURRENCY", "€"}});
        QVERIFY(process->init().type == FrameType::Ready);
        QCOMPARE(QString::fromStdString(process->invoke("{}").body),
                 QStringLiteral(R"(["€","handler.handler","AWS_Lambda_ruby%1",null,true])")
                     .arg(QString::fromStdString(shortVersion(Language::Ruby, m_ruby->version))));
    }

    void allOutputIsThereBeforeTheAnswerInOrder()
    {
        auto process = ready(handler("puts 'one'\nsystem('/bin/echo', 'two')\nwarn 'three'\nputs 'x' * 300_000\n"
                                     "print 'no line break'"));
        QVERIFY(process->invoke("{}").type == FrameType::Result);
        const std::string expected = "one\ntwo\nthree\n" + std::string(300'000, 'x') + "\nno line break";
        QTRY_COMPARE(process->output().size(), expected.size()); // only the reader's own thread is waited for
        QCOMPARE(process->output(), expected);
    }

    void aClosedOrReplacedStdoutBreaksNothing_data()
    {
        QTest::addColumn<QString>("body");
        QTest::newRow("closed") << "$stdout.close; $stderr.close";
        QTest::newRow("replaced") << "$stdout = StringIO.new";
        QTest::newRow("constant closed") << "STDOUT.close; STDERR.close";
        QTest::newRow("a flush that raises") << "o = Object.new; def o.write(*) = 0\ndef o.flush = raise\n$stdout = o";
    }
    void aClosedOrReplacedStdoutBreaksNothing()
    {
        QFETCH(QString, body);
        auto process = ready("require 'stringio'\n$n = 0\n" +
                             handler("$n += 1\nif $n == 1\n" + body.toStdString() + "\nend\nraise 'x' if $n == 3\n$n"));
        QCOMPARE(process->invoke("{}").body, std::string("1"));
        QCOMPARE(process->invoke("{}").body, std::string("2"));
        QVERIFY(process->invoke("{}").type == FrameType::Failure);
        QCOMPARE(process->invoke("{}").body, std::string("4"));
    }

    void exitingReallyEndsTheProcess_data()
    {
        QTest::addColumn<QString>("body");
        QTest::addColumn<int>("code");
        QTest::newRow("exit") << "exit 3" << 3;
        QTest::newRow("exit!") << "exit! 4" << 4;
        QTest::newRow("abort") << "abort 'reason'" << 1;
        QTest::newRow("a crash") << "Process.kill('KILL', $$); sleep" << 128 + 9;
    }
    void exitingReallyEndsTheProcess()
    {
        QFETCH(QString, body);
        QFETCH(int, code);
        auto process = ready(handler("puts 'last words'\n" + body.toStdString()));
        QVERIFY(!process->invoke("{}").type);
        QCOMPARE(process->wait(), code);
        QVERIFY(process->output().starts_with("last words\n"));
    }

    void exitingInTheFileReallyEndsTheProcess()
    {
        auto process = worker({{"handler.rb", "exit 5"}});
        QVERIFY(!process->init().type);
        QCOMPARE(process->wait(), 5);
    }

    void endsAtOnceWhenTheEngineIsGone()
    {
        auto process = ready("at_exit { sleep }\n" + handler("1"));
        process->closeChannel();
        QCOMPARE(process->wait(), 0);
    }

    void theChannelIsOutOfTheUsersReach()
    {
        auto process = ready(handler("(3..255).each { |n| IO.for_fd(n).close rescue nil }\n"
                                     "child = fork\n"
                                     "return 'the child must not answer' unless child\n"
                                     "Process.wait(child)\n"
                                     "`/bin/ls -l /proc/self/fd`.scan('socket:').size"));
        QCOMPARE(process->invoke("{}").body, std::string("0"));
        QCOMPARE(process->invoke("{}").body, std::string("0"));
    }

    void whatTheUsersCodeReplacesBreaksNothing()
    {
        auto process = ready("require 'json'\nmodule JSON\n  def self.generate(*) = 'mine'\n"
                             "  def self.parse(*) = 'mine'\nend\n" +
                             handler("event"));
        QCOMPARE(process->invoke("[1]").body, std::string("[1]"));
    }

    void largeEventsAndResultsGoThrough()
    {
        auto process = ready(handler("event"));
        const std::string event = "\"" + std::string(6 << 20, 'a') + "\"";
        QVERIFY(process->invoke(event).body == event);
        QCOMPARE(process->invoke("1").body, std::string("1"));
    }

    void framesMayComeInAnyPieces()
    {
        auto process = ready(handler("event"));
        std::string bytes;
        for (int i = 0; i < 3; ++i)
            appendInvoke(bytes, std::uint64_t(i), {0, WorkerProcess::requestId, {}}, std::to_string(i));
        for (const char byte : bytes) // each byte a packet of its own, and frames behind each other
            process->sendRaw({&byte, 1});
        for (int i = 0; i < 3; ++i) {
            const auto answer = process->receive();
            QCOMPARE(answer.body, std::to_string(i));
            QCOMPARE(answer.serial, std::uint64_t(i));
        }
    }

    void tellsWhatItsFilesKeep()
    {
        auto process =
            ready("$count = 0\n@list = [1, 2]\nclass Mine; def inspect; exit!(9); end; end\n$mine = Mine.new\n" +
                  handler("$count += 1"));
        process->invoke("{}");
        const auto told = process->askKept();
        QVERIFY2(told.type == FrameType::Kept, told.body.c_str());
        QCOMPARE(told.body,
                 std::string(R"({"variables":[["@list","Array of 2"],["$count","1"],["$mine","Mine"]],"more":0})"));
        QCOMPARE(process->invoke("{}").body, std::string("2"));
    }

    void anUnexpectedFrameEndsTheWorker()
    {
        auto process = ready(handler("event"));
        std::string bytes;
        appendFrame(bytes, FrameType::Ready, 0, "");
        process->sendRaw(bytes);
        QCOMPARE(process->wait(), 1);
    }

    void gemsAreFoundOnceTheyAreAskedFor()
    {
        auto process = worker({{"handler.rb", "require 'shout'\n" + handler("[SHOUT, defined?(Gem).nil?]")},
                               {"vendor/bundle/ruby/3.1.0/specifications/shout-1.0.gemspec",
                                "Gem::Specification.new { |s| s.name = 'shout'; s.version = '1.0'; s.summary = 'x';"
                                "s.authors = ['x']; s.files = []; s.require_paths = ['lib'] }"},
                               {"vendor/bundle/ruby/3.1.0/gems/shout-1.0/lib/shout.rb", "SHOUT = 'found'"}});
        const auto answer = process->init();
        QVERIFY2(answer.type == FrameType::Ready, answer.body.c_str());
        QCOMPARE(process->invoke("{}").body, std::string(R"(["found",false])"));
    }

    void withoutThemNoneAreLoaded()
    {
        auto process = ready("require 'time'\nrequire 'set'\n" + handler("defined?(Gem).nil?"));
        QCOMPARE(process->invoke("{}").body, std::string("true"));
    }

    void aProcessThatWaitedServesAsWell()
    {
        WorkerProcess process(*m_ruby, {{"handler.rb", handler("[event, ENV['KILN_PARKED']]")}}, "handler.handler", {},
                              WorkerProcess::Waits::ForItsFunction);
        QVERIFY(process.init().type == FrameType::Ready);
        QCOMPARE(process.invoke("1").body, std::string("[1,null]"));
    }

    void everyInterpreterOfThisMachineServes()
    {
        for (const auto &interpreter : test::allInterpreters(Language::Ruby)) {
            WorkerProcess process(interpreter, {{"handler.rb", handler("event or raise\n[event, 0.5]")}},
                                  "handler.handler");
            QVERIFY2(process.init().type == FrameType::Ready, interpreter.path.c_str());
            QCOMPARE(process.invoke("2").body, std::string("[2,0.5]"));
            QVERIFY(process.invoke("null").type == FrameType::Failure);
        }
    }

    void loggerLinesHaveALevel_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<int>("level");
        QTest::newRow("error") << "E, [2026-11-23T05:50:37.706123 #9] ERROR -- : no" << int(LogLevel::Error);
        QTest::newRow("warn") << "W, [2026-11-23T05:50:37.706123 #9]  WARN -- shop: low" << int(LogLevel::Warn);
        QTest::newRow("debug") << "D, [2026-11-23T05:50:37.706123 #9] DEBUG -- : x" << int(LogLevel::Debug);
        QTest::newRow("looks like one") << "E, [1] am -- not" << int(LogLevel::Info);
        QTest::newRow("cut") << "E, [2026" << int(LogLevel::Info);
        QTest::newRow("text") << "plain" << int(LogLevel::Info);
    }
    void loggerLinesHaveALevel()
    {
        QFETCH(QString, line);
        QFETCH(int, level);
        const std::string text = line.toStdString();
        const LogText read = LogFormat(Language::Ruby).read(text);
        QCOMPARE(int(read.level), level);
        QCOMPARE(read.text, std::string_view(text));
    }
};

QTEST_APPLESS_MAIN(tst_RubyHandlers)
#include "tst_ruby_handlers.moc"
