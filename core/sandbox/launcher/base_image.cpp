// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/base_image.h"

#include "core/base/unique_fd.h"
#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/small_file.h"

#include <climits>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/mount.h>
#include <sys/stat.h>

namespace kiln::launcher {
namespace {

constexpr const char *rootFolders[] = {"lib", "lib32", "lib64", "libx32", "bin", "sbin"};
constexpr const char *devices[] = {"null", "zero", "full", "random", "urandom"};

/// Parts of the machine's /etc that programs under /usr need and that tell nothing about it: the linker's cache, the
/// links of Debian's alternatives, public certificates, port names.
constexpr const char *sharedEtc[] = {"ld.so.cache",   "alternatives", "ssl/certs",       "ssl/openssl.cnf",
                                     "pki/tls/certs", "pki/ca-trust", "crypto-policies", "ca-certificates",
                                     "protocols",     "services",     "mime.types"};

struct OwnFile
{
    const char *path;
    const char *text;
};
constexpr OwnFile ownEtc[] = {
    {"etc/passwd", "root:x:0:0::/:/usr/sbin/nologin\nfn:x:1000:1000::/tmp:/usr/sbin/nologin\n"
                   "nobody:x:65534:65534::/:/usr/sbin/nologin\n"},
    {"etc/group", "root:x:0:\nfn:x:1000:\nnogroup:x:65534:\n"},
    {"etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"},
    {"etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n"},
    {"etc/resolv.conf", ""},
    {"etc/hostname", "fn\n"},
    {"etc/timezone", "Etc/UTC\n"},
};

tl::unexpected<Error> failedStep(const std::string &step, const std::string &place)
{
    return failErrno(Error::Code::Sandbox, errno, step, place);
}

/// A read-only copy of the tree at `source` attached at `target`.
Result<> bindReadOnly(const std::string &source, const std::string &target, const MountAttributes &attributes)
{
    const UniqueFd tree(cloneTree(source.c_str()));
    if (!tree || setMountAttributes(tree.get(), attributes) != 0 || attachTree(tree.get(), target.c_str()) != 0)
        return failedStep("bind into the base image", source);
    return {};
}

bool makeFile(const std::string &path, std::string_view text)
{
    const int error = writeSmallFile(path, text);
    errno = error;
    return error == 0;
}

Result<> buildUsr(const std::string &root)
{
    if (::mkdir((root + "/usr").c_str(), 0755) != 0)
        return failedStep("make a folder of the base image", "usr");
    return bindReadOnly("/usr", root + "/usr", {});
}

/// /lib and its like: links into /usr on a merged system, folders of their own on others.
Result<> buildRootEntries(const std::string &root, std::vector<BaseImage::RootEntry> &entries)
{
    for (const char *name : rootFolders) {
        const std::string path = std::string("/") + name;
        struct stat info
        {};
        if (::lstat(path.c_str(), &info) != 0)
            continue;
        if (S_ISLNK(info.st_mode)) {
            std::error_code ignored;
            entries.push_back({name, std::filesystem::read_symlink(path, ignored).native()});
            continue;
        }
        if (::mkdir((root + path).c_str(), 0755) != 0)
            return failedStep("make a folder of the base image", path);
        if (auto bound = bindReadOnly(path, root + path, {}); !bound)
            return bound;
        entries.push_back({name, {}});
    }
    return {};
}

Result<> buildDevices(const std::string &root)
{
    const std::string folder = root + "/dev";
    if (::mkdir(folder.c_str(), 0755) != 0)
        return failedStep("make a folder of the base image", "dev");
    for (const char *device : devices) {
        const std::string target = folder + "/" + device;
        if (!makeFile(target, {}))
            return failedStep("make a file of the base image", target);
        // Not read-only: writing to a device is no change of the file system, and some kernels ask the mount.
        if (auto bound = bindReadOnly(std::string("/dev/") + device, target, {.readOnly = false, .devices = true});
            !bound)
            return bound;
    }
    for (const auto &[name, target] : {std::pair("fd", "/proc/self/fd"), std::pair("stdin", "/proc/self/fd/0"),
                                       std::pair("stdout", "/proc/self/fd/1"), std::pair("stderr", "/proc/self/fd/2")})
        if (::symlink(target, (folder + "/" + name).c_str()) != 0)
            return failedStep("make a link of the base image", name);
    return {};
}

/// Binds what is there; a link on the way ends in the same file, as none of these may be written by users.
Result<> shareEtc(const std::string &root, const std::string &part)
{
    const std::string source = "/etc/" + part;
    const std::string target = root + "/etc/" + part;
    struct stat info
    {};
    if (::stat(source.c_str(), &info) != 0)
        return {};
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(target).parent_path(), error);
    const bool made = S_ISDIR(info.st_mode) ? ::mkdir(target.c_str(), 0755) == 0 : makeFile(target, {});
    if (error || !made)
        return failedStep("make a place in the base image", target);
    char resolved[PATH_MAX];
    if (::realpath(source.c_str(), resolved) == nullptr)
        return failedStep("follow a link of /etc", source);
    return bindReadOnly(resolved, target, {.executable = false});
}

Result<> buildEtc(const std::string &root)
{
    if (::mkdir((root + "/etc").c_str(), 0755) != 0)
        return failedStep("make a folder of the base image", "etc");
    for (const OwnFile &file : ownEtc)
        if (!makeFile(root + "/" + file.path, file.text))
            return failedStep("make a file of the base image", file.path);
    // Functions run in UTC, as on AWS Lambda.
    if (::symlink("/usr/share/zoneinfo/Etc/UTC", (root + "/etc/localtime").c_str()) != 0 ||
        ::symlink("/proc/self/mounts", (root + "/etc/mtab").c_str()) != 0)
        return failedStep("make a link of the base image", "etc");
    for (const char *part : sharedEtc)
        if (auto shared = shareEtc(root, part); !shared)
            return shared;
    return {};
}

} // namespace

Result<BaseImage> BaseImage::build()
{
    const std::string root = place;
    BaseImage image;
    image.rootEntries = {{"usr", {}}, {"etc", {}}, {"dev", {}}};
    if (::mount("tmpfs", place, "tmpfs", MS_NOSUID, "size=4m,nr_inodes=512,mode=0755") != 0)
        return failedStep("mount the base image", place);
    auto built = buildUsr(root)
                     .and_then([&] { return buildRootEntries(root, image.rootEntries); })
                     .and_then([&] { return buildDevices(root); })
                     .and_then([&] { return buildEtc(root); });
    if (!built)
        return tl::make_unexpected(built.error());
    if (::mount(nullptr, place, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, nullptr) != 0)
        return failedStep("make the base image read-only", place);
    return image;
}

} // namespace kiln::launcher
