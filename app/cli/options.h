// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/store/query.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// What goes with each command.
struct CommonOptions
{
    std::optional<std::filesystem::path> workspace;
    bool json = false;
};

struct InvokeOptions
{
    std::string function;
    std::string event = "{}"; ///< A file's name, JSON, or "-" for standard input.
    bool cold = false;
    int repeat = 1;
    bool twice = false; ///< At a new worker and again, with what the second run found of the first.
};

struct WorkersOptions
{
    std::string function;     ///< Only of this one; empty for all.
    std::uint64_t worker = 0; ///< One of them whole; 0 for a list.
};

struct ServeOptions
{
    std::optional<std::string> listen;
    bool trust = false;
};

struct PastOptions
{
    std::string function;
    std::string outcome;
    std::string since; ///< RFC 3339, or a duration back from now: "15m".
    std::string grep;
    int limit = 100;
    bool follow = false;
};

struct LoadOptions
{
    std::string function;
    std::optional<std::string> pattern; ///< Words of load::Shape but "closed"; constant when absent.
    std::optional<double> rate, to, peak, speed;
    std::string width, duration, think, patience; ///< Durations; empty: the default.
    std::optional<int> closed, maxInFlight;
    std::optional<std::uint64_t> seed;
    std::vector<std::string> events; ///< [FUNCTION=]FILE[:WEIGHT], or JSON.
    std::string since, until;        ///< Of a replay: as PastOptions::since.
    bool all = false;                ///< A replay of all functions.
    double failAbove = 0;            ///< Per cent.
    std::string out;                 ///< A file, .json or .csv; empty: none.
};

struct InitOptions
{
    std::filesystem::path folder;
    std::string sample;
};

struct NewOptions
{
    std::string name;
    std::string runtime;
    std::string templateName = "basic";
};

struct PermitOptions
{
    std::string function;
    std::vector<std::string> grants;
};

struct PermissionsOptions
{
    std::string function;
    bool least = false; ///< Propose the least that does for what was seen.
    bool apply = false; ///< And write it.
};

struct SecretOptions
{
    std::string name;
};

/// Each runs a command and returns its exit code, or the Error that main prints (exit 2).
[[nodiscard]] Result<int> runInvoke(const CommonOptions &common, const InvokeOptions &options);
[[nodiscard]] Result<int> runWorkers(const CommonOptions &common, const WorkersOptions &options);
[[nodiscard]] Result<int> runServe(const CommonOptions &common, const ServeOptions &options);
[[nodiscard]] Result<int> runHistory(const CommonOptions &common, const PastOptions &options);
[[nodiscard]] Result<int> runLogs(const CommonOptions &common, const PastOptions &options);
[[nodiscard]] Result<int> runMetrics(const CommonOptions &common, const PastOptions &options);
[[nodiscard]] Result<int> runLoad(const CommonOptions &common, const LoadOptions &options);
[[nodiscard]] Result<int> runInit(const CommonOptions &common, const InitOptions &options);
[[nodiscard]] Result<int> runNew(const CommonOptions &common, const NewOptions &options);
[[nodiscard]] Result<int> runPermit(const CommonOptions &common, const PermitOptions &options);
[[nodiscard]] Result<int> runPermissions(const CommonOptions &common, const PermissionsOptions &options);
[[nodiscard]] Result<int> runSecretSet(const CommonOptions &common, const SecretOptions &options);
[[nodiscard]] Result<int> runSecretRemove(const CommonOptions &common, const SecretOptions &options);
[[nodiscard]] Result<int> runSecretList(const CommonOptions &common);
[[nodiscard]] Result<int> runDoctor(const CommonOptions &common);

} // namespace kiln
