// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/model/problem.h"
#include "core/model/setting_rules.h"
#include "core/project/keys.h"
#include "core/project/yaml_tree.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// Collects what is wrong with one file, and reads its scalars strictly: each reader of a value reports what it
/// expected and found, and answers nullopt.
class ProblemList
{
public:
    explicit ProblemList(std::string file)
        : m_file(std::move(file))
    {}

    void error(const YamlNode &where, std::string key, std::string message);
    void warn(const YamlNode &where, std::string key, std::string message);
    void error(const YamlMistake &mistake);
    void expected(const YamlNode &where, std::string key, const std::string &what); ///< "expected …, found …"
    void notBuilt(const YamlNode &where, std::string key, std::string_view what);

    /// Reports the keys of `map` that `known` does not have under `parent`, and those not built.
    void checkKeys(const YamlNode &map, std::span<const KnownKey> known, const std::string &parent);

    std::optional<std::string> text(const YamlNode &node, const std::string &key, const std::string &what);
    std::optional<int> integer(const YamlNode &node, const std::string &key, Bounds<int> bounds);
    std::optional<double> number(const YamlNode &node, const std::string &key, Bounds<double> bounds);
    std::optional<std::chrono::milliseconds> duration(const YamlNode &node, const std::string &key,
                                                      Bounds<std::chrono::milliseconds> bounds);
    std::optional<ByteSize> byteSize(const YamlNode &node, const std::string &key, Bounds<ByteSize> bounds);

    /// In the order of the file: rules between two keys are checked after each key by itself.
    [[nodiscard]] std::vector<Problem> take();
    [[nodiscard]] bool hasErrors() const;

private:
    void add(Problem::Severity severity, const YamlNode &where, std::string key, std::string message);

    std::string m_file;
    std::vector<Problem> m_problems;
};

} // namespace kiln
