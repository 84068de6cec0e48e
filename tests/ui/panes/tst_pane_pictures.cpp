// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/pictures.h"
#include "tests/ui/panes/recording.h"
#include "ui/charts/time_axis_range.h"
#include "ui/panes/invocation_view.h"
#include "ui/panes/invocations_pane.h"
#include "ui/panes/logs_pane.h"
#include "ui/panes/metrics_pane.h"
#include "ui/panes/result_pane.h"
#include "ui/panes/workers_pane.h"

#include <QLocale>
#include <QTableView>
#include <QToolButton>
#include <QTreeView>

using namespace kiln;
using namespace kiln::ui;
using namespace kiln::test;

/// Pictures of every pane, empty and full, to be looked at; that they were taken is all that is checked.
class tst_PanePictures : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        m_recording.addInvocations(900);
        m_recording.addLogs(900);
        m_recording.addWorkers(9);
        addScaling();
        m_recording.addMetrics();
        m_full = m_recording.snapshot();
        m_empty = Recording().snapshot();
    }

    void invocations()
    {
        InvocationsPane pane;
        pane.setSnapshot(m_empty);
        takePictures(pane, QStringLiteral("invocations-empty"), {m_dock});
        pane.setSnapshot(m_full);
        takePictures(pane, QStringLiteral("invocations"), {m_dock, m_large});
    }

    void logs()
    {
        LogsPane pane;
        pane.setSnapshot(m_empty);
        takePictures(pane, QStringLiteral("logs-empty"), {m_dock});
        pane.setSnapshot(m_full);
        pane.show();
        for (auto *table : pane.findChildren<QTableView *>()) {
            if (table->model()->rowCount() > 0)
                table->selectRow(899 - 899 % 31 - 1);
        }
        takePictures(pane, QStringLiteral("logs"), {m_dock, m_large});
    }

    void metrics()
    {
        MetricsPane pane;
        pane.setSnapshot(m_empty);
        takePictures(pane, QStringLiteral("metrics-empty"), {m_dock});
        pane.setSnapshot(m_full);
        pane.range()->setCrosshair(double(m_full->metrics->upTo) - 70);
        takePictures(pane, QStringLiteral("metrics"), {m_dock, m_large, {760, 280}});
        pane.range()->setLiveLength(3600);
        takePictures(pane, QStringLiteral("metrics-hour"), {m_dock});
    }

    void workers()
    {
        WorkersPane pane;
        pane.setSnapshot(m_empty);
        takePictures(pane, QStringLiteral("workers-empty"), {m_dock});
        pane.setSnapshot(m_full);
        auto *tree = pane.findChild<QTreeView *>();
        tree->setCurrentIndex(tree->model()->index(1, 0, tree->model()->index(0, 0)));
        takePictures(pane, QStringLiteral("workers"), {m_dock, m_large});
        for (auto *button : pane.findChildren<QToolButton *>()) {
            if (button->text() == QStringLiteral("Over time"))
                button->click();
        }
        takePictures(pane, QStringLiteral("workers-over-time"), {m_dock, m_large, {760, 280}});
        auto *list = pane.findChild<QTableView *>(QStringLiteral("scaling"));
        list->selectRow(3);
        takePictures(pane, QStringLiteral("workers-over-time-row"), {m_dock});
    }

    void results()
    {
        ResultPane pane;
        takePictures(pane, QStringLiteral("result-empty"), {m_dock});
        pane.showResult(good());
        takePictures(pane, QStringLiteral("result-ok"), {m_dock, m_large});
        pane.showResult(bad());
        takePictures(pane, QStringLiteral("result-error"), {m_dock, {760, 300}});
        pane.showError(QStringLiteral("functions/checkout/function.yaml:3: timeout: expected a duration such as 3s"));
        takePictures(pane, QStringLiteral("result-refused"), {m_dock});
    }

    void document()
    {
        InvocationView view;
        view.setInvocation(good());
        takePictures(view, QStringLiteral("invocation-ok"), {{1280, 720}});
        view.setInvocation(bad());
        takePictures(view, QStringLiteral("invocation-error"), {{900, 720}, {1600, 1100}});
    }

private:
    void addScaling()
    {
        using What = ScaleEvent::What;
        for (int i = 0; i < 40; ++i) {
            m_recording.pass(std::chrono::seconds(i % 9 == 0 ? 12 : 1));
            if (i % 3 != 2)
                m_recording.addScaling("checkout", What::Started, ScaleCause::Waiting,
                                       std::to_string(1 + i % 4) + " waiting, 0 idle, 4 of 20 running");
            else if (i % 5 == 0)
                m_recording.addScaling("thumbnail", What::Stopped, ScaleCause::Failed,
                                       "crashed: Runtime exited with error: signal: segmentation fault");
            else
                m_recording.addScaling("checkout", What::Stopped, ScaleCause::Idle, "idle for 5 min");
        }
    }

    std::shared_ptr<Invocation> good()
    {
        using namespace std::chrono_literals;
        auto i = m_recording.invocation();
        i->outcome = Outcome::Ok;
        i->error = {};
        i->start = Start::Cold;
        i->phases = {40us, 1300us, 610us, 6100us, 1900us, 90us};
        i->response = payload(
            R"({"statusCode": 201, "headers": {"content-type": "application/json", "x-order": "5f0c", "cache-control": "no-store"}, "cookies": ["cart=; Max-Age=0"], "body": "{\"id\": \"5f0c1b\", \"items\": [{\"sku\": \"mug\", \"price\": 12.50}, {\"sku\": \"plate\", \"price\": 29.40}], \"total\": 41.90, \"paid\": false}", "isBase64Encoded": false})");
        i->event.data = payload(
            R"({"version": "2.0", "routeKey": "POST /orders", "rawPath": "/orders", "headers": {"host": "127.0.0.1:7070", "user-agent": "curl/7.88"}, "requestContext": {"http": {"method": "POST", "path": "/orders", "sourceIp": "127.0.0.1"}, "requestId": "018f", "timeEpoch": 1767225600123}, "body": "{\"items\": []}", "isBase64Encoded": false})");
        i->logs = {{i->accepted, LogLevel::System, "START RequestId: " + i->id.text() + " Version: $LATEST"},
                   {i->accepted, LogLevel::Info, "order 5f0c1b accepted, 2 items, EUR 41.90"},
                   {i->accepted, LogLevel::Warn, "stock of sku mug is low: 3 left"},
                   {i->accepted, LogLevel::System, "END RequestId: " + i->id.text()},
                   {i->accepted, LogLevel::System,
                    "REPORT RequestId: " + i->id.text() +
                        "\tDuration: 1.90 ms\tBilled Duration: 8 ms\tMemory Size: 256 MB\tMax Memory Used: 24 MB\tInit "
                        "Duration: 6.10 ms"}};
        return i;
    }

    std::shared_ptr<Invocation> bad()
    {
        auto i = good();
        i->outcome = Outcome::HandlerError;
        i->start = Start::Warm;
        i->attempt = 2;
        i->phases.sandbox = i->phases.runtime = i->phases.init = {};
        i->error = {"KeyError",
                    "'sku'",
                    {"  File \"/var/task/handler.py\", line 11, in handler\n    total = price(item[\"sku\"])",
                     "  File \"/usr/lib/python3.11/json/__init__.py\", line 346, in loads",
                     "  File \"/var/task/shop/prices.py\", line 4, in price\n    return PRICES[sku]"}};
        i->denied = {{"connect", "127.0.0.1:5432", "network loopback", "handler.py:9"},
                     {"open", "/etc/shadow", "", ""}};
        i->response = payload(
            R"({"errorType": "KeyError", "errorMessage": "'sku'", "stackTrace": ["  File \"/var/task/handler.py\", line 11, in handler\n"]})");
        return i;
    }

    const QSize m_dock{1280, 300}, m_large{2200, 640};
    Recording m_recording;
    SnapshotPtr m_full, m_empty;
};

QTEST_MAIN(tst_PanePictures)
#include "tst_pane_pictures.moc"
