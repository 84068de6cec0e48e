// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/inspection_json.h"

#include "core/base/wall_time.h"

#include <boost/json.hpp>

namespace kiln {

namespace json = boost::json;

namespace {

std::string_view word(WorkerState state)
{
    switch (state) {
    case WorkerState::Starting: return "starting";
    case WorkerState::Idle: return "idle";
    case WorkerState::Busy: return "busy";
    case WorkerState::Stopping: return "stopping";
    }
    return "stopping";
}

std::string_view word(IsolationLayer::State state)
{
    switch (state) {
    case IsolationLayer::State::On: return "on";
    case IsolationLayer::State::Partly: return "partly";
    case IsolationLayer::State::Off: return "off";
    case IsolationLayer::State::Unknown: return "unknown";
    }
    return "unknown";
}

json::object keptJson(const CarriedState &carried)
{
    json::array variables, files, processes;
    for (const CarriedState::Variable &variable : carried.variables)
        variables.push_back({{"name", variable.name}, {"value", variable.value}});
    for (const CarriedState::File &file : carried.files)
        files.push_back({{"path", file.path}, {"bytes", file.size.count}});
    for (const CarriedState::Process &process : carried.processes)
        processes.push_back({{"pid", process.pid}, {"command", process.command}});
    return {{"variables", std::move(variables)},
            {"more_variables", carried.moreVariables},
            {"files", std::move(files)},
            {"more_files", carried.moreFiles},
            {"sockets", json::value_from(carried.sockets)},
            {"open_files", json::value_from(carried.openFiles)},
            {"processes", std::move(processes)},
            {"not_looked_at", json::value_from(carried.problems)}};
}

} // namespace

json::object toJson(const WorkerView &worker)
{
    return {{"worker", worker.id},
            {"function", worker.function},
            {"revision", worker.revision},
            {"pid", worker.pid},
            {"state", worker.frozen ? "frozen" : word(worker.state)},
            {"start", toWord(worker.start)},
            {"tier", toWord(worker.tier)},
            {"started", toIso8601(worker.started)},
            {"served", worker.served},
            {"running", worker.running},
            {"per_worker", worker.perWorker},
            {"memory", worker.memory.count},
            {"why", worker.why}};
}

json::object toJson(const WorkerInspection &inspection)
{
    json::array layers;
    for (const IsolationLayer &layer : inspection.layers)
        layers.push_back({{"layer", layer.name}, {"state", word(layer.state)}, {"evidence", layer.evidence}});
    json::object object = toJson(inspection.worker);
    object["time"] = toIso8601(inspection.time);
    object["pss"] = inspection.proportional.count;
    object["layers"] = std::move(layers);
    object["keeps"] = keptJson(inspection.carried);
    return object;
}

} // namespace kiln
