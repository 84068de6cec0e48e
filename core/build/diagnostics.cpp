// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/build/diagnostics.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string>

namespace kiln {

namespace {

constexpr std::size_t mostProblems = 100;
constexpr std::size_t messageLimit = 2'000;
constexpr std::string_view codeInside = "/var/task/";

using Severity = Problem::Severity;

struct Place
{
    std::string file; ///< Relative to the function's folder; empty: not a file of the function's.
    int line = 0;
    int column = 0;
};

std::string_view takeLine(std::string_view &text)
{
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

/// A number at the start of `text`, taken off it.
std::optional<int> takeNumber(std::string_view &text)
{
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0)
        return std::nullopt;
    text.remove_prefix(std::size_t(end - text.data()));
    return number;
}

bool take(std::string_view &text, std::string_view start)
{
    if (!text.starts_with(start))
        return false;
    text.remove_prefix(start.size());
    return true;
}

/// As the function's folder sees it; empty when it leads out. `#line` can name any file.
std::string fileOf(std::string_view path)
{
    if (!take(path, codeInside)) {
        while (take(path, "./")) {
        }
    }
    const std::filesystem::path parts(path);
    if (path.empty() || path.front() == '/' || !isUtf8(path) ||
        std::any_of(parts.begin(), parts.end(), [](const auto &part) { return part == ".."; }))
        return {};
    return std::string(path);
}

/// "file:3:5:" at the start, taken off; the column may be absent.
std::optional<Place> takeColonPlace(std::string_view &text)
{
    for (std::size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', colon + 1)) {
        std::string_view rest = text.substr(colon + 1);
        const auto line = takeNumber(rest);
        if (!line || !take(rest, ":"))
            continue;
        Place place{fileOf(text.substr(0, colon)), *line, 0};
        std::string_view further = rest;
        if (const auto column = takeNumber(further); column && take(further, ":")) {
            place.column = *column;
            rest = further;
        }
        text = rest;
        return place;
    }
    return std::nullopt;
}

class Reader
{
public:
    explicit Reader(const BuildPlan &plan)
        : m_plan(plan)
    {}

    std::vector<Problem> read(std::string_view output)
    {
        while (!output.empty() && m_problems.size() < mostProblems) {
            const std::string_view line = takeLine(output);
            switch (m_plan.language) {
            case Language::Typescript: readEsbuild(line, output); break;
            case Language::Csharp: readMcs(line); break;
            default: readGcc(line); break;
            }
        }
        return std::move(m_problems);
    }

private:
    void add(Severity severity, const Place &place, std::string_view message)
    {
        while (message.starts_with(' '))
            message.remove_prefix(1);
        std::string text = toUtf8(message.substr(0, messageLimit));
        const bool known = !place.file.empty();
        Problem problem{.severity = severity,
                        .file = fileInWorkspace(known ? place.file : m_plan.handlerFile),
                        .line = known ? place.line : 0,
                        .column = known ? place.column : 0,
                        .key = {},
                        .message = std::move(text)};
        if (std::find(m_problems.begin(), m_problems.end(), problem) == m_problems.end())
            m_problems.push_back(std::move(problem));
    }

    [[nodiscard]] std::string fileInWorkspace(const std::string &file) const
    {
        const std::string folder = "functions/" + m_plan.function;
        return file.empty() ? folder : folder + "/" + file;
    }

    void readGcc(std::string_view line)
    {
        std::string_view rest = line;
        const auto place = takeColonPlace(rest);
        if (!place) {
            readLinker(line);
            return;
        }
        take(rest, " ");
        if (rest.find("required from") != std::string_view::npos || rest.starts_with("  required")) {
            if (!place->file.empty())
                m_from = *place;
            return;
        }
        const bool fatal = take(rest, "fatal error: ");
        const bool error = fatal || take(rest, "error: ");
        if (!error && !take(rest, "warning: "))
            return;
        // In a header of the system: the user's line that led there is to blame.
        const Place &blamed = place->file.empty() ? m_from : *place;
        if (error && blamed.file.empty() &&
            (rest.find("was not declared") != std::string_view::npos ||
             rest.find("has not been declared") != std::string_view::npos))
            add(Severity::Error, {}, "the handler's function is not there: " + std::string(rest));
        else if (error || !blamed.file.empty())
            add(error ? Severity::Error : Severity::Warning, blamed, rest);
        m_from = {};
    }

    /// What ld says has no place of its own.
    void readLinker(std::string_view line)
    {
        for (const std::string_view mark : {"undefined reference to ", "multiple definition of ", "cannot find "}) {
            const std::size_t at = line.find(mark);
            if (at != std::string_view::npos)
                add(Severity::Error, {}, line.substr(at));
        }
    }

    /// "file(3,5): error CS0103: message"; "error CS5001: message" for the whole.
    void readMcs(std::string_view line)
    {
        Place place;
        std::string_view rest = line;
        const std::size_t open = line.find('(');
        if (open != std::string_view::npos && !line.starts_with("error ") && !line.starts_with("warning ")) {
            rest = line.substr(open + 1);
            const auto number = takeNumber(rest);
            if (!number || !take(rest, ","))
                return;
            const auto column = takeNumber(rest);
            const std::size_t close = rest.find("): ");
            if (!column || close == std::string_view::npos)
                return;
            rest.remove_prefix(close + 3);
            place = {fileOf(line.substr(0, open)), *number, *column};
        }
        if (take(rest, "error "))
            add(Severity::Error, place, rest);
        else if (take(rest, "warning ") && !place.file.empty())
            add(Severity::Warning, place, rest);
    }

    /// The place follows after an empty line, its column counted from 0.
    void readEsbuild(std::string_view line, std::string_view following)
    {
        const std::size_t error = line.find("[ERROR] ");
        const std::size_t warning = line.find("[WARNING] ");
        constexpr std::size_t near = 8; // behind a sign only
        if (error > near && warning > near)
            return;
        const bool isError = error <= near;
        Place place;
        while (following.starts_with('\n'))
            following.remove_prefix(1);
        std::string_view next = takeLine(following);
        if (take(next, "    ")) {
            if (const auto found = takeColonPlace(next)) {
                place = *found;
                place.column += place.line > 0 ? 1 : 0;
            }
        }
        std::string message(line.substr(isError ? error + 8 : warning + 10));
        if (message.find("Top-level await is currently not supported with the \"cjs\"") != std::string::npos)
            message += "; name the file .mts, or say \"type\": \"module\" in a package.json";
        add(isError ? Severity::Error : Severity::Warning, place, message);
    }

    const BuildPlan &m_plan;
    std::vector<Problem> m_problems;
    Place m_from; ///< The user's line that instantiated the template that the next error is in.
};

} // namespace

std::vector<Problem> readDiagnostics(const BuildPlan &plan, std::string_view output)
{
    return Reader(plan).read(output);
}

} // namespace kiln
