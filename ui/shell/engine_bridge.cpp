// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/engine_bridge.h"

#include <QThread>

namespace kiln::ui {

namespace {

SnapshotPtr nothingYet()
{
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->workspace = std::make_shared<WorkspaceView>();
    snapshot->metrics = std::make_shared<MetricsView>();
    return snapshot;
}

Error notStarted() { return {Error::Code::Busy, "the engine is still starting", {}, "try again in a moment", 0}; }

} // namespace

EngineBridge::EngineBridge(QObject *parent)
    : QObject(parent)
    , m_snapshot(nothingYet())
{}

// The engine goes first: after that nothing is posted to this object any more.
EngineBridge::~EngineBridge() { m_engine.reset(); }

void EngineBridge::attach(std::unique_ptr<Engine> engine)
{
    m_engine = std::move(engine);
    m_engine->subscribe([this](SnapshotPtr snapshot) { take(std::move(snapshot)); });
    take(m_engine->snapshot());
}

void EngineBridge::start(std::function<Result<std::unique_ptr<Engine>>()> open)
{
    // A shared box, since the answer must outlive both threads' ends and an Engine cannot be copied.
    auto opened = std::make_shared<Result<std::unique_ptr<Engine>>>();
    QThread *thread = QThread::create([opened, open = std::move(open)] { *opened = open(); });
    thread->setParent(this);
    connect(thread, &QThread::finished, this, [this, thread, opened] {
        thread->deleteLater();
        if (*opened)
            attach(std::move(**opened));
        else
            Q_EMIT startFailed(opened->error());
    });
    connect(
        this, &QObject::destroyed, thread, [thread] { thread->wait(); }, Qt::DirectConnection);
    thread->start();
}

/// Engine thread (and the GUI thread once): keeps the newest, and asks for a delivery if none is under way.
void EngineBridge::take(SnapshotPtr snapshot)
{
    bool underWay = false;
    {
        const std::lock_guard lock(m_mailbox.mutex);
        underWay = m_mailbox.newest != nullptr;
        // At the start the two threads may race; numbers tell which is newer.
        if (!underWay || snapshot->number >= m_mailbox.newest->number)
            m_mailbox.newest = std::move(snapshot);
    }
    if (!underWay)
        QMetaObject::invokeMethod(this, &EngineBridge::deliver, Qt::QueuedConnection);
}

void EngineBridge::deliver()
{
    SnapshotPtr newest;
    {
        const std::lock_guard lock(m_mailbox.mutex);
        newest = std::exchange(m_mailbox.newest, nullptr);
    }
    if (newest && newest->number >= m_snapshot->number) {
        m_snapshot = std::move(newest);
        Q_EMIT snapshotChanged(m_snapshot);
    }
}

template<typename T> Engine::Answer<T> EngineBridge::onGuiThread(QObject *receiver, Done<T> done)
{
    // The pointer is only looked at on the GUI thread, where the receiver lives and dies.
    return [this, receiver = QPointer<QObject>(receiver), done = std::move(done)](Result<T> result) {
        QMetaObject::invokeMethod(
            this,
            [receiver, done, result = std::move(result)]() mutable {
                if (receiver && done)
                    done(std::move(result));
            },
            Qt::QueuedConnection);
    };
}

template<typename T> bool EngineBridge::refused(const Done<T> &done)
{
    if (m_engine)
        return false;
    if (done)
        done(tl::make_unexpected(notStarted()));
    return true;
}

void EngineBridge::fire(Engine::Fire fire, QObject *receiver, Done<InvocationPtr> done)
{
    if (!refused(done))
        m_engine->fire(std::move(fire), onGuiThread(receiver, std::move(done)));
}

void EngineBridge::fireTwice(Engine::Fire fire, QObject *receiver, Done<Engine::FiredTwice> done)
{
    if (!refused(done))
        m_engine->fireTwice(std::move(fire), onGuiThread(receiver, std::move(done)));
}

void EngineBridge::runTrigger(const QString &function, int trigger, QObject *receiver, Done<InvocationPtr> done)
{
    if (!refused(done))
        m_engine->runTrigger(function.toStdString(), std::size_t(trigger), onGuiThread(receiver, std::move(done)));
}

void EngineBridge::startLoad(LoadPlan plan, QObject *receiver, Done<std::uint64_t> done)
{
    if (!refused(done))
        m_engine->startLoad(std::move(plan), onGuiThread(receiver, std::move(done)));
}

void EngineBridge::stopLoad(quint64 run)
{
    if (m_engine)
        m_engine->stopLoad(run);
}

void EngineBridge::trust()
{
    const Done<> done = [this](const Result<> &result) {
        if (!result)
            Q_EMIT failed(result.error());
    };
    if (!refused(done))
        m_engine->trust(onGuiThread(this, done));
}

void EngineBridge::edit(WorkspaceEdit edit, QObject *receiver, Done<> done)
{
    const Done<> told = [this, receiver = QPointer<QObject>(receiver), done = std::move(done)](const Result<> &result) {
        if (!result)
            Q_EMIT failed(result.error());
        if (receiver && done)
            done(result);
    };
    if (!refused(told))
        m_engine->edit(std::move(edit), onGuiThread(this, told));
}

void EngineBridge::setSecret(const QString &name, const std::optional<QString> &value)
{
    const Done<> done = [this](const Result<> &result) {
        if (!result)
            Q_EMIT failed(result.error());
    };
    if (!refused(done))
        m_engine->setSecret(name.toStdString(), value ? std::optional(value->toStdString()) : std::nullopt,
                            onGuiThread(this, done));
}

void EngineBridge::queryInvocations(InvocationQuery query, QObject *receiver, Done<std::vector<InvocationPtr>> done)
{
    if (!refused(done))
        m_engine->queryInvocations(std::move(query), onGuiThread(receiver, std::move(done)));
}

void EngineBridge::queryLogs(LogQuery query, QObject *receiver, Done<std::vector<LogEntry>> done)
{
    if (!refused(done))
        m_engine->queryLogs(std::move(query), onGuiThread(receiver, std::move(done)));
}

void EngineBridge::loadInvocation(Uuid id, QObject *receiver, Done<InvocationPtr> done)
{
    if (!refused(done))
        m_engine->loadInvocation(id, onGuiThread(receiver, std::move(done)));
}

void EngineBridge::inspectWorker(quint64 worker, QObject *receiver, Done<WorkerInspection> done)
{
    if (!refused(done))
        m_engine->inspectWorker(worker, onGuiThread(receiver, std::move(done)));
}

void EngineBridge::stopWorker(quint64 worker)
{
    if (m_engine)
        m_engine->stopWorker(worker);
}

void EngineBridge::retireIdle(const QString &function)
{
    if (m_engine)
        m_engine->retireIdle(function.toStdString());
}

} // namespace kiln::ui
