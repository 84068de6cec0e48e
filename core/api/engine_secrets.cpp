// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/engine_impl.h"
#include "core/project/secret_file.h"

#include <algorithm>

namespace kiln {

void EngineImpl::loadSecrets()
{
    auto values = std::make_shared<Result<std::map<std::string, std::string>>>();
    m_loop.offload([values, file = SecretFile(m_options.workspace)] { *values = file.read(); },
                   [this, values] { takeSecrets(std::move(*values)); });
}

void EngineImpl::takeSecrets(Result<std::map<std::string, std::string>> read)
{
    m_secretsRead = true;
    m_secretsProblem = read ? std::nullopt : std::optional(read.error());
    auto old = std::exchange(m_secrets, read ? std::move(*read) : std::map<std::string, std::string>());
    if (m_stopping)
        return;
    const auto changed = [&](const std::string &name) {
        const auto before = old.find(name);
        const auto now = m_secrets.find(name);
        return (before == old.end()) != (now == m_secrets.end()) ||
               (before != old.end() && before->second != now->second);
    };
    for (const auto &[name, function] : m_deployment->functions()) {
        const auto &names = function.settings.secrets;
        if (std::none_of(names.begin(), names.end(), changed))
            continue;
        m_lastStale[name] = m_lastWorker;
        m_dispatcher->retireIdle(name);
    }
    onChanged();
}

void EngineImpl::setSecret(std::string name, std::optional<std::string> value, Answer<> done)
{
    m_loop.post([this, name = std::move(name), value = std::move(value), done = std::move(done)]() mutable {
        if (const std::optional<Error> why = readOnly()) {
            done(tl::make_unexpected(*why));
            return;
        }
        struct Answered
        {
            Result<> written;
            Result<std::map<std::string, std::string>> values;
        };
        auto answered = std::make_shared<Answered>();
        m_loop.offload(
            [answered, file = SecretFile(m_options.workspace), name = std::move(name), value = std::move(value)] {
                answered->written = value ? file.set(name, *value) : file.remove(name);
                answered->values = file.read();
            },
            [this, answered, done = std::move(done)] {
                takeSecrets(std::move(answered->values));
                done(answered->written);
            });
    });
}

void EngineImpl::listSecrets(Answer<std::vector<std::string>> done)
{
    m_loop.post([this, done = std::move(done)] {
        if (m_secretsProblem) {
            done(tl::make_unexpected(*m_secretsProblem));
            return;
        }
        std::vector<std::string> names;
        for (const auto &[name, value] : m_secrets)
            names.push_back(name);
        done(std::move(names));
    });
}

/// A worker that was serving while a secret of its function changed.
void EngineImpl::retireStale(const Invocation &invocation)
{
    const auto stale = m_lastStale.find(invocation.revision ? invocation.revision->settings.name : std::string());
    if (stale != m_lastStale.end() && invocation.worker != 0 && invocation.worker <= stale->second)
        m_dispatcher->stopWorker(invocation.worker);
}

/// The answer belongs to who asked for it; what is kept and shown of it has no secrets.
InvocationPtr EngineImpl::masked(const InvocationPtr &invocation) const
{
    const auto mask = m_masks.find(invocation->revision ? invocation->revision->settings.name : std::string());
    if (mask == m_masks.end() || !mask->second->finds(*invocation->response))
        return invocation;
    auto hidden = std::make_shared<Invocation>(*invocation);
    hidden->response = payload(mask->second->applied(*invocation->response));
    return hidden;
}

} // namespace kiln
