// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/problem_list.h"
#include "core/project/read.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

/// Where the text of a function.yaml belongs: what it names is looked up from there.
struct FunctionPlace
{
    std::filesystem::path workspace; ///< Without links.
    std::string name;

    [[nodiscard]] std::filesystem::path folder() const { return workspace / "functions" / name; }
    [[nodiscard]] std::string file() const { return "functions/" + name + "/function.yaml"; }
};

struct FunctionText
{
    std::optional<FunctionSettings> settings; ///< Absent when a problem is an Error.
    std::vector<Problem> problems;
    std::vector<int> triggerLines; ///< One for each trigger, when there are settings.
};

/// Reads the text of a function.yaml. Any thread.
[[nodiscard]] FunctionText readFunctionText(std::string_view text, const FunctionPlace &place,
                                            const ScheduleCheck &schedule);

/// The same for kiln.yaml.
struct KilnText
{
    std::optional<KilnSettings> settings;
    std::vector<Problem> problems;
};
[[nodiscard]] KilnText readKilnText(std::string_view text, const std::filesystem::path &workspace);

/// Parts of readFunctionText.
[[nodiscard]] std::vector<Trigger> readTriggers(const YamlNode &list, ProblemList &problems,
                                                const ScheduleCheck &schedule);
/// `language` is that of the function, if it is known: not all may have several events at once in a worker.
[[nodiscard]] Concurrency readConcurrency(const YamlNode &map, ProblemList &problems, std::optional<Language> language);
[[nodiscard]] std::vector<Permissions::FileGrant> readFileGrants(const YamlNode &list, ProblemList &problems,
                                                                 const FunctionPlace &place);
/// Why this path, written in the function.yaml of `place`, cannot be granted; empty when it can.
[[nodiscard]] std::string whyNotGrantable(const std::string &written, const FunctionPlace &place);
/// Fills `network` and `hosts`.
void readNetwork(const YamlNode &node, ProblemList &problems, Permissions &permissions);
[[nodiscard]] std::vector<std::string> readSecrets(const YamlNode &list, ProblemList &problems);

} // namespace kiln
