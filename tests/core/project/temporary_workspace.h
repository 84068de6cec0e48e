// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/read.h"

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace kiln::test {

/// A workspace that goes with the test.
class TemporaryWorkspace
{
public:
    TemporaryWorkspace()
        : m_folder(std::filesystem::canonical(m_dir.path().toStdString()) / "shop")
    {
        write("kiln.yaml", "name: shop\n");
    }

    [[nodiscard]] const std::filesystem::path &folder() const { return m_folder; }
    [[nodiscard]] std::filesystem::path beside() const { return m_folder.parent_path(); }

    std::filesystem::path write(const std::string &path, const std::string &bytes) const
    {
        const std::filesystem::path file = m_folder / path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << bytes;
        return file;
    }

    /// A function that is good but for what `yaml` adds.
    void function(const std::string &name, const std::string &yaml = {}) const
    {
        write("functions/" + name + "/function.yaml", "runtime: python\nhandler: handler.handler\n" + yaml);
        write("functions/" + name + "/handler.py", "def handler(event, context):\n    return event\n");
    }

    [[nodiscard]] std::string read(const std::string &path) const
    {
        std::ifstream file(m_folder / path, std::ios::binary);
        std::ostringstream bytes;
        bytes << file.rdbuf();
        return bytes.str();
    }

    [[nodiscard]] FunctionFiles reread(const std::string &name) const
    {
        return readFunction(m_folder, name, [](const ScheduleTrigger &schedule) -> std::optional<std::string> {
            return schedule.expression == "never" ? std::optional<std::string>("expected five fields, found 1")
                                                  : std::nullopt;
        });
    }

private:
    QTemporaryDir m_dir;
    std::filesystem::path m_folder;
};

} // namespace kiln::test
