// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/engine.h"

#include <QObject>
#include <QPointer>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

namespace kiln::ui {

/// The window's only way to the engine. Snapshots and answers come from the engine thread and are handed over to the
/// GUI thread here; of snapshots at most one waits, the newest. Never blocks. GUI thread.
///
/// Until `attach` there is no engine: the snapshot is empty and commands answer Error::Code::Busy, so that the window
/// can be painted before the workspace is read.
class EngineBridge : public QObject
{
    Q_OBJECT

public:
    /// Called on the GUI thread, and not at all when its receiver is gone by then.
    template<typename T = void> using Done = std::function<void(Result<T>)>;

    explicit EngineBridge(QObject *parent = nullptr);
    ~EngineBridge() override; ///< Ends the engine: waits until its workers are gone.

    void attach(std::unique_ptr<Engine> engine);
    /// Opens the engine on a thread of its own; failed() tells when that does not work.
    void start(std::function<Result<std::unique_ptr<Engine>>()> open);

    [[nodiscard]] SnapshotPtr snapshot() const { return m_snapshot; } ///< Never null.

    void fire(Engine::Fire fire, QObject *receiver, Done<InvocationPtr> done);
    void fireTwice(Engine::Fire fire, QObject *receiver, Done<Engine::FiredTwice> done);
    void runTrigger(const QString &function, int trigger, QObject *receiver, Done<InvocationPtr> done);
    void startLoad(LoadPlan plan, QObject *receiver, Done<std::uint64_t> done);
    void stopLoad(quint64 run);
    void trust();
    /// `done` may be empty; an error is told by failed() in any case.
    void edit(WorkspaceEdit edit, QObject *receiver = nullptr, Done<> done = {});
    /// Gives a secret its value, or takes it away when there is none; an error is told by failed().
    void setSecret(const QString &name, const std::optional<QString> &value);
    void queryInvocations(InvocationQuery query, QObject *receiver, Done<std::vector<InvocationPtr>> done);
    void queryLogs(LogQuery query, QObject *receiver, Done<std::vector<LogEntry>> done);
    void loadInvocation(Uuid id, QObject *receiver, Done<InvocationPtr> done);
    void inspectWorker(quint64 worker, QObject *receiver, Done<WorkerInspection> done);
    void stopWorker(quint64 worker);
    void retireIdle(const QString &function);

Q_SIGNALS:
    void snapshotChanged(const kiln::SnapshotPtr &snapshot);
    /// A command could not be done; shown as a line in the window.
    void failed(const kiln::Error &error);
    /// There will be no engine: the workspace could not be opened.
    void startFailed(const kiln::Error &error);

private:
    /// Holds the newest snapshot on its way between the threads.
    struct Mailbox
    {
        std::mutex mutex;
        SnapshotPtr newest;
    };

    template<typename T> Engine::Answer<T> onGuiThread(QObject *receiver, Done<T> done);
    template<typename T> [[nodiscard]] bool refused(const Done<T> &done);
    void take(SnapshotPtr snapshot);
    void deliver();

    SnapshotPtr m_snapshot;
    Mailbox m_mailbox;
    std::unique_ptr<Engine> m_engine;
};

} // namespace kiln::ui
