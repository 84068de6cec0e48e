// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/local_engine.h"

#include "app/cli/places.h"

#include <future>

namespace kiln {

Result<std::unique_ptr<Engine>> openEngine(const std::filesystem::path &workspace, Engine::Triggers triggers,
                                           ByteSize parkedMemory, std::optional<std::string> listen)
{
    const Result<Places> places = Places::find();
    if (!places)
        return tl::make_unexpected(places.error());
    Result<std::unique_ptr<Engine>> engine =
        Engine::open({.workspace = workspace,
                      .resources = places->resources,
                      .launcher = places->launcher,
                      .adapter = places->adapter,
                      .triggers = triggers,
                      .listen = std::move(listen),
                      .parkedMemory = parkedMemory,
                      .clock = nullptr});
    if (!engine)
        return engine;
    std::promise<Result<>> ready;
    (*engine)->whenReady([&](Result<> result) { ready.set_value(std::move(result)); });
    if (const Result<> result = ready.get_future().get(); !result)
        return tl::make_unexpected(result.error());
    return engine;
}

Result<CommandEngine> CommandEngine::open(const std::filesystem::path &workspace, ByteSize parkedMemory)
{
    if (std::optional<ControlClient> running = ControlClient::connect(workspace))
        return CommandEngine(std::move(*running));
    return openEngine(workspace, Engine::Triggers::Off, parkedMemory).map([](std::unique_ptr<Engine> engine) {
        return CommandEngine(std::move(engine));
    });
}

Result<boost::json::object> CommandEngine::ask(const boost::json::object &request)
{
    if (m_running)
        return m_running->ask(request);
    std::promise<boost::json::object> answered;
    ControlHandler handler(*m_own);
    handler.handle(request, [&](boost::json::object reply) { answered.set_value(std::move(reply)); });
    return replyOf(answered.get_future().get());
}

} // namespace kiln
