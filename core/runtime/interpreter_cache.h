// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/model/interpreter.h"
#include "core/runtime/candidates.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace kiln {

/// What interpreters said of themselves last time, so that a later start need not ask again: a file by path, size and
/// time of change. What a shim leads to may change without its file changing, so that holds for a day only. Only a
/// memory: a file that is missing, torn or of another version is as if empty.
class InterpreterCache
{
public:
    /// `folder` is made when needed; an empty path keeps nothing. `now` is when this start is.
    InterpreterCache(std::filesystem::path folder, WallTime now);

    struct Answer
    {
        std::optional<Interpreter> interpreter; ///< Absent: there was nothing behind that shim.
    };
    /// What is known of a candidate; nullopt: ask it.
    [[nodiscard]] std::optional<Answer> find(const Candidate &candidate) const;
    void put(const Candidate &candidate, const Answer &answer);
    /// Replaces the file, if something was put. What cannot be written is asked again next time.
    void save() const;

private:
    struct FileState
    {
        std::int64_t size = 0;
        std::int64_t changed = 0; ///< Nanoseconds of Unix time.
        bool operator==(const FileState &) const = default;
    };
    struct Entry
    {
        FileState file;
        FileState real;         ///< Of the interpreter behind a shim.
        std::int64_t asked = 0; ///< Seconds of Unix time.
        Answer answer;
    };
    using Entries = std::map<std::string, Entry>;

    [[nodiscard]] static FileState stateOf(const std::filesystem::path &file);
    [[nodiscard]] static Entries read(const std::filesystem::path &file);

    std::filesystem::path m_folder;
    std::int64_t m_now;
    Entries m_entries;
    bool m_changed = false;
};

} // namespace kiln
