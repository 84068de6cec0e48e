// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/worker_view.h"

#include <cstddef>
#include <string>
#include <vector>

namespace kiln {

/// One wall around a worker, as it stood when somebody looked.
struct IsolationLayer
{
    enum class State {
        On,
        Partly,
        Off,
        Unknown, ///< Could not be read; the evidence says why.
    };
    std::string name; ///< "System call filter"
    State state = State::Unknown;
    std::string evidence; ///< What was read of the running process, and what that means.
    bool operator==(const IsolationLayer &) const = default;
};

/// What is in a worker beside the code it was started with: what the next invocation in it finds. All texts are the
/// function's doing; they are well-formed UTF-8 and bounded, and nothing else.
struct CarriedState
{
    struct File
    {
        std::string path; ///< As seen inside.
        ByteSize size;
        bool operator==(const File &) const = default;
    };
    struct Process
    {
        int pid = 0; ///< As seen inside.
        std::string command;
        bool operator==(const Process &) const = default;
    };

    struct Variable
    {
        std::string name;  ///< "handler.count"
        std::string value; ///< As it is written, or what it is: "3", "dict of 17"
        bool operator==(const Variable &) const = default;
    };

    std::vector<Variable> variables; ///< Of the function's modules, as its own process tells.
    std::size_t moreVariables = 0;
    std::vector<File> files; ///< In /tmp, by path; no folders.
    std::size_t moreFiles = 0;
    std::vector<std::string> sockets; ///< "TCP, listens on 127.0.0.1:8080"
    std::vector<std::string> openFiles;
    std::vector<Process> processes;    ///< Beside the worker itself.
    std::vector<std::string> problems; ///< What could not be looked at, and why.

    [[nodiscard]] bool empty() const
    {
        return variables.empty() && files.empty() && sockets.empty() && openFiles.empty() && processes.empty();
    }
    bool operator==(const CarriedState &) const = default;
};

/// A worker as it was found by looking at its processes from outside.
struct WorkerInspection
{
    WorkerView worker;
    WallTime time;
    /// Of all its processes, pages that are shared with others counted in part (PSS); 0 when it cannot be read.
    ByteSize proportional;
    std::vector<IsolationLayer> layers;
    CarriedState carried;
};

} // namespace kiln
