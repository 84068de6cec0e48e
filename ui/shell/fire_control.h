// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/engine.h"

#include <QByteArray>
#include <QObject>
#include <QString>

#include <functional>
#include <optional>

namespace kiln::ui {

class EngineBridge;

/// What Fire fires: the function in hand, its chosen test event, and whether the next start is to be cold.
class FireControl : public QObject
{
    Q_OBJECT

public:
    explicit FireControl(EngineBridge &bridge, QObject *parent = nullptr);

    /// What is typed and not saved yet in a test event at that path counts, if there is any.
    void setUnsavedText(std::function<std::optional<QString>(const QString &path)> text)
    {
        m_unsaved = std::move(text);
    }

    void setFunction(const QString &function) { m_function = function; }
    void setEvent(const QString &event) { m_event = event; }
    void setNextCold(bool cold) { m_cold = cold; }
    [[nodiscard]] QString function() const { return m_function; }
    [[nodiscard]] QString event() const { return m_event; }

    void fire();
    void fireEvent(const QString &function, const QString &event, bool cold);
    void fireTwice(); ///< At a new worker, then at the same again: to see what the second finds of the first.
    void fireBytes(const QString &function, const QByteArray &bytes);
    void fireAgain();                                ///< The last one, unchanged.
    void fireAgain(const InvocationPtr &invocation); ///< Its event once more, of history as well.
    void runTrigger(const QString &function, int trigger);

Q_SIGNALS:
    void started(const QString &function);
    void finished(const kiln::InvocationPtr &invocation);
    void firedTwice(const kiln::Engine::FiredTwice &both);
    void failed(const kiln::Error &error);

private:
    [[nodiscard]] std::optional<Engine::Fire> fireOf(const QString &function, const QString &event);
    void send(Engine::Fire fire);
    void sendAgain(const Invocation &invocation);
    void take(Result<InvocationPtr> result);

    EngineBridge &m_bridge;
    std::function<std::optional<QString>(const QString &)> m_unsaved;
    QString m_function;
    QString m_event;
    bool m_cold = false;
    std::optional<Engine::Fire> m_last;
};

} // namespace kiln::ui
