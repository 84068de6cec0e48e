// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/init.h"

#include "core/project/plain_file.h"
#include "core/project/templates.h"
#include "core/project/yaml_edit.h"

#include <algorithm>
#include <system_error>

namespace fs = std::filesystem;

namespace kiln {

namespace {

/// Only adds: what is in the way is an error, before anything was written.
Result<> copySample(const fs::path &sample, const fs::path &folder)
{
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator it(sample, error), end; !error && it != end; it.increment(error))
        names.push_back(it->path().filename().string());
    if (error)
        return failErrno(Error::Code::Io, error.value(), "cannot be read", sample.string());
    for (const std::string &name : names) {
        if (isTaken(folder / name))
            return fail(Error::Code::AlreadyExists, "is there already, and would be overwritten by the sample",
                        (folder / name).string(), "choose an empty folder");
    }
    // kiln.yaml comes last: it is what makes the folder a workspace.
    std::sort(names.begin(), names.end(), [](const std::string &a, const std::string &b) {
        return std::pair(a == "kiln.yaml", a) < std::pair(b == "kiln.yaml", b);
    });
    for (const std::string &name : names) {
        if (isPlainFolder(sample / name)) {
            if (auto done = copyTemplate(sample / name, folder / name, {}); !done)
                return done;
            continue;
        }
        const auto file = readPlainFile(sample / name, std::size_t(1) << 20);
        if (!file)
            return tl::make_unexpected(file.error());
        if (auto done = writePlainFile(folder / name, file->bytes); !done)
            return done;
    }
    return {};
}

Result<> writeFresh(const fs::path &folder)
{
    if (auto made = makePlainFolder(folder / "functions", 0755); !made)
        return made;
    const std::string name = folder.filename().string();
    return writePlainFile(folder / "kiln.yaml",
                          "name: " + quoteYaml(name) + "\nlisten: 127.0.0.1:7070     # routes and function URLs\n");
}

} // namespace

std::vector<std::string> listSamples(const fs::path &resources)
{
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(resources / "samples", error), end; !error && it != end; it.increment(error)) {
        if (isPlainFolder(it->path()))
            names.push_back(it->path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<> initWorkspace(const fs::path &folder, const std::string &sample, const fs::path &resources, TrustStore &trust)
{
    if (!sample.empty() && (!isFileName(sample) || !isPlainFolder(resources / "samples" / sample))) {
        std::string known;
        for (const std::string &each : listSamples(resources))
            known += (known.empty() ? "" : ", ") + each;
        return fail(Error::Code::NotFound, "there is no sample " + sample, {}, "there are: " + known);
    }
    std::error_code error;
    fs::create_directories(folder, error);
    const fs::path real = error ? fs::path() : fs::canonical(folder, error);
    if (error)
        return failErrno(Error::Code::Io, error.value(), "cannot be made as a folder", folder.string());
    if (isTaken(real / "kiln.yaml"))
        return fail(Error::Code::AlreadyExists, "this is a workspace already", real.string(),
                    "open it, or choose another folder");

    if (!isTaken(real / ".gitignore")) {
        if (auto done = writePlainFile(real / ".gitignore", ".kiln/\n__pycache__/\n"); !done)
            return done;
    }
    auto done = sample.empty() ? writeFresh(real) : copySample(resources / "samples" / sample, real);
    if (!done)
        return done;
    return trust.trust(real);
}

} // namespace kiln
