// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/engine.h"
#include "core/base/result.h"

#include <boost/json/object.hpp>

#include <functional>
#include <string_view>

namespace kiln {

/// Answers the requests of commands, from its own process or over the control socket, with one engine.
///
/// A request is {"do": "invoke" | "invoke_twice" | "workers" | "inspect" | "history" | "logs" | "metrics" | "load" |
/// "load.report" | "load.stop" | "permit" | "permissions" | "secret", …}; a reply {"ok": {…}} or {"error": {…}}.
class ControlHandler
{
public:
    using Reply = std::function<void(boost::json::object)>;

    explicit ControlHandler(Engine &engine)
        : m_engine(engine)
    {}

    /// Any thread. `reply` comes once, on the engine thread or before this returns.
    void handle(const boost::json::object &request, Reply reply);

private:
    void invoke(const boost::json::object &request, Reply reply);
    void invokeTwice(const boost::json::object &request, Reply reply);
    void workers(const boost::json::object &request, Reply reply);
    void inspect(const boost::json::object &request, Reply reply);
    void history(const boost::json::object &request, Reply reply);
    void logs(const boost::json::object &request, Reply reply);
    void metrics(const boost::json::object &request, Reply reply);
    void startLoad(const boost::json::object &request, Reply reply);
    void loadReport(const boost::json::object &request, Reply reply);
    void stopLoad(const boost::json::object &request, const Reply &reply);
    void permit(const boost::json::object &request, Reply reply);
    void permissions(const boost::json::object &request, Reply reply);
    void secret(const boost::json::object &request, Reply reply);

    Engine &m_engine;
};

/// Takes the line of a reply apart: its "ok" part, or its Error.
[[nodiscard]] Result<boost::json::object> readReply(std::string_view line);
/// The same of a reply that did not travel.
[[nodiscard]] Result<boost::json::object> replyOf(const boost::json::object &reply);

[[nodiscard]] boost::json::object requestOf(const InvocationQuery &query);
[[nodiscard]] boost::json::object requestOf(const LogQuery &query);
[[nodiscard]] boost::json::object requestOf(const MetricsQuery &query);

} // namespace kiln
