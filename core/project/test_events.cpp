// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/event.h"
#include "core/project/edit_parts.h"
#include "core/project/plain_file.h"

namespace fs = std::filesystem;

namespace kiln {

namespace {

Result<fs::path> eventPath(const fs::path &workspace, const std::string &function, std::string name)
{
    const auto folder = functionFolder(workspace, function);
    if (!folder)
        return tl::make_unexpected(folder.error());
    if (name.find('.') == std::string::npos)
        name += ".json";
    if (!isFileName(name))
        return fail(Error::Code::InvalidArgument, "a test event's name is a file name of at most 100 bytes",
                    "functions/" + function + "/events");
    return *folder / "events" / name;
}

} // namespace

Result<> saveTestEvent(const fs::path &workspace, const SaveTestEvent &edit)
{
    const auto path = eventPath(workspace, edit.function, edit.name);
    if (!path)
        return tl::make_unexpected(path.error());
    if (std::int64_t(edit.data.size()) > maxSyncPayload.count)
        return fail(Error::Code::LimitExceeded, "an event has at most " + toText(maxSyncPayload), path->string());
    if (auto made = makePlainFolder(path->parent_path(), 0755); !made)
        return made;
    return writePlainFile(*path, edit.data);
}

Result<> deleteTestEvent(const fs::path &workspace, const DeleteTestEvent &edit, const EditContext &context)
{
    const auto path = eventPath(workspace, edit.function, edit.name);
    if (!path)
        return tl::make_unexpected(path.error());
    std::error_code error;
    if (!isPlainFolder(path->parent_path()) || fs::symlink_status(*path, error).type() == fs::file_type::not_found)
        return fail(Error::Code::NotFound, "there is no such test event", path->string());
    return moveToTrash(workspace, *path, edit.function + "-" + path->filename().string(), context);
}

} // namespace kiln
