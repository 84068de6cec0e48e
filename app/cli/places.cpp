// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/places.h"

#include "app/cli/build_places.h"

namespace kiln {

namespace fs = std::filesystem;

Result<Places> Places::find()
{
    std::error_code failed;
    const fs::path program = fs::read_symlink("/proc/self/exe", failed);
    if (failed)
        return fail(Error::Code::Io, "Cannot find where this program is", "/proc/self/exe", "is /proc mounted?");
    const fs::path folder = program.parent_path();

    const fs::path programs = folder / "../libexec/kiln";
    Places places{.resources = folder / "../share/kiln",
                  .launcher = programs / "kiln-launcher",
                  .adapter = programs / "kiln-runtime"};
    if (!fs::exists(places.launcher, failed))
        places = {
            .resources = buildResources, .launcher = folder / "kiln-launcher", .adapter = folder / "kiln-runtime"};
    for (const fs::path &needed : {places.launcher, places.adapter, places.resources / "runtimes"}) {
        if (!fs::exists(needed, failed))
            return fail(Error::Code::NotFound, "A part of Kiln is missing", needed.string(),
                        "build or install Kiln again");
    }
    places.resources = fs::canonical(places.resources, failed);
    places.launcher = fs::canonical(places.launcher, failed);
    places.adapter = fs::canonical(places.adapter, failed);
    return places;
}

Result<fs::path> findWorkspace(const std::optional<fs::path> &given)
{
    std::error_code failed;
    const fs::path start = fs::canonical(given.value_or(fs::path(".")), failed);
    if (failed)
        return fail(Error::Code::NotFound, "There is no such folder", given.value_or(".").string());
    if (given) {
        if (fs::exists(start / "kiln.yaml", failed))
            return start;
        return fail(Error::Code::NotFound, "This folder is no workspace: it holds no kiln.yaml", start.string(),
                    "make one with \"kiln init DIR\"");
    }
    for (fs::path folder = start;; folder = folder.parent_path()) {
        if (fs::exists(folder / "kiln.yaml", failed))
            return folder;
        if (folder == folder.root_path())
            break;
    }
    return fail(Error::Code::NotFound, "No workspace here or above: no folder holds a kiln.yaml", start.string(),
                "make one with \"kiln init DIR\", or name one with --workspace");
}

} // namespace kiln
