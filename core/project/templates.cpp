// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/templates.h"

#include "core/project/plain_file.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>
#include <system_error>

namespace fs = std::filesystem;

namespace kiln {

namespace {

constexpr std::size_t maxTemplateFile = std::size_t(8) << 20;

std::optional<FunctionTemplate> readTemplate(const fs::path &folder)
{
    const auto file = readPlainFile(folder / "template.json", 64 << 10);
    if (!file)
        return std::nullopt;
    boost::system::error_code error;
    const boost::json::value json = boost::json::parse(file->bytes, error);
    const auto *object = error ? nullptr : json.if_object();
    const auto text = [&](const char *key) -> std::string {
        const auto *value = object ? object->if_contains(key) : nullptr;
        return value && value->is_string() ? std::string(value->get_string().c_str()) : std::string();
    };
    FunctionTemplate result{folder.parent_path().filename().string(), folder.filename().string(), text("title"),
                            text("description")};
    return result.title.empty() ? std::nullopt : std::optional(std::move(result));
}

std::vector<fs::path> foldersIn(const fs::path &folder)
{
    std::vector<fs::path> folders;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        if (isPlainFolder(it->path()))
            folders.push_back(it->path());
    }
    return folders;
}

std::string filledIn(std::string text, const std::map<std::string, std::string> &values)
{
    for (const auto &[name, value] : values) {
        const std::string mark = "{{" + name + "}}";
        for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
            text.replace(at, mark.size(), value);
    }
    return text;
}

Result<> copyInto(const fs::path &from, const fs::path &to, const std::map<std::string, std::string> &values)
{
    if (auto made = makePlainFolder(to, 0755); !made)
        return made;
    std::error_code error;
    for (fs::directory_iterator it(from, error), end; !error && it != end; it.increment(error)) {
        const fs::path &source = it->path();
        const std::string name = source.filename().string();
        if (name == "template.json" || name == "__pycache__")
            continue;
        if (isPlainFolder(source)) {
            if (auto done = copyInto(source, to / name, values); !done)
                return done;
            continue;
        }
        const auto file = readPlainFile(source, maxTemplateFile);
        if (!file)
            return tl::make_unexpected(file.error());
        const mode_t mode = (file->mode & 0100u) != 0 ? 0755 : 0644;
        if (auto done = writePlainFile(to / name, filledIn(file->bytes, values), {.newMode = mode}); !done)
            return done;
    }
    if (error)
        return failErrno(Error::Code::Io, error.value(), "cannot be read", from.string());
    return {};
}

} // namespace

std::vector<FunctionTemplate> listTemplates(const fs::path &resources)
{
    std::vector<FunctionTemplate> templates;
    for (const fs::path &language : foldersIn(resources / "templates")) {
        for (const fs::path &folder : foldersIn(language)) {
            if (auto each = readTemplate(folder))
                templates.push_back(std::move(*each));
        }
    }
    const auto order = [](const FunctionTemplate &each) {
        return std::tuple(each.language != "python", each.language, each.name != "basic", each.name);
    };
    std::sort(templates.begin(), templates.end(),
              [&](const FunctionTemplate &a, const FunctionTemplate &b) { return order(a) < order(b); });
    return templates;
}

Result<> copyTemplate(const fs::path &from, const fs::path &to, const std::map<std::string, std::string> &values)
{
    std::error_code error;
    if (fs::symlink_status(to, error).type() != fs::file_type::not_found)
        return fail(Error::Code::AlreadyExists, "is there already", to.string());
    auto done = copyInto(from, to, values);
    if (!done)
        fs::remove_all(to, error);
    return done;
}

} // namespace kiln
