// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/fire_control.h"

#include "ui/panes/event_file.h"
#include "ui/shell/engine_bridge.h"

#include <algorithm>

namespace kiln::ui {

FireControl::FireControl(EngineBridge &bridge, QObject *parent)
    : QObject(parent)
    , m_bridge(bridge)
{}

void FireControl::fire() { fireEvent(m_function, m_event, m_cold); }

void FireControl::fireEvent(const QString &function, const QString &event, bool cold)
{
    if (std::optional<Engine::Fire> fire = fireOf(function, event)) {
        fire->cold = cold;
        send(std::move(*fire));
    }
}

void FireControl::fireTwice()
{
    std::optional<Engine::Fire> fire = fireOf(m_function, m_event);
    if (!fire)
        return;
    m_last = fire;
    Q_EMIT started(m_function);
    m_bridge.fireTwice(std::move(*fire), this, [this](const Result<Engine::FiredTwice> &both) {
        if (both)
            Q_EMIT firedTwice(*both);
        else
            Q_EMIT failed(both.error());
    });
}

/// nullopt once it was told why there is nothing to fire.
std::optional<Engine::Fire> FireControl::fireOf(const QString &function, const QString &event)
{
    if (function.isEmpty()) {
        Q_EMIT failed({Error::Code::InvalidArgument,
                       tr("no function is selected").toStdString(),
                       {},
                       tr("select one on the left, or make one with +").toStdString(),
                       0});
        return std::nullopt;
    }
    Engine::Fire fire;
    fire.function = function.toStdString();
    fire.data = "{}";
    const auto &all = m_bridge.snapshot()->workspace->functions;
    const auto view =
        std::find_if(all.begin(), all.end(), [&](const FunctionView &each) { return each.name == fire.function; });
    if (!event.isEmpty() && view != all.end()) {
        const QString path = QString::fromStdString((view->folder / "events").string()) + QLatin1Char('/') + event;
        if (const auto typed = m_unsaved ? m_unsaved(path) : std::nullopt) {
            fire.data = typed->toStdString();
        } else {
            const Result<QByteArray> bytes = readTestEvent(view->folder, event);
            if (!bytes) {
                Q_EMIT failed(bytes.error());
                return std::nullopt;
            }
            fire.data = bytes->toStdString();
        }
        if (!event.endsWith(QStringLiteral(".json")))
            fire.contentType = "application/octet-stream";
    }
    return fire;
}

void FireControl::fireBytes(const QString &function, const QByteArray &bytes)
{
    Engine::Fire fire;
    fire.function = function.toStdString();
    fire.data = bytes.toStdString();
    fire.cold = m_cold;
    send(std::move(fire));
}

void FireControl::fireAgain()
{
    if (m_last)
        send(*m_last);
    else
        fire();
}

void FireControl::fireAgain(const InvocationPtr &invocation)
{
    if (!invocation || !invocation->revision)
        return;
    if (!invocation->event.data->empty()) {
        sendAgain(*invocation);
        return;
    }
    // A row of history comes without its bytes.
    m_bridge.loadInvocation(invocation->id, this, [this](const Result<InvocationPtr> &whole) {
        if (whole)
            sendAgain(**whole);
        else
            Q_EMIT failed(whole.error());
    });
}

void FireControl::sendAgain(const Invocation &invocation)
{
    Engine::Fire fire;
    fire.function = invocation.revision->settings.name;
    fire.data = *invocation.event.data;
    fire.contentType = invocation.event.dataContentType;
    send(std::move(fire));
}

void FireControl::runTrigger(const QString &function, int trigger)
{
    Q_EMIT started(function);
    m_bridge.runTrigger(function, trigger, this, [this](Result<InvocationPtr> result) { take(std::move(result)); });
}

void FireControl::send(Engine::Fire fire)
{
    m_last = fire;
    m_last->cold = false;
    Q_EMIT started(QString::fromStdString(fire.function));
    m_bridge.fire(std::move(fire), this, [this](Result<InvocationPtr> result) { take(std::move(result)); });
}

void FireControl::take(Result<InvocationPtr> result)
{
    if (result)
        Q_EMIT finished(*result);
    else
        Q_EMIT failed(result.error());
}

} // namespace kiln::ui
