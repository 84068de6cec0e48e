// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <string>

namespace kiln::test {

/// A file system for SQLite on which writing fails when told to: the machine's own one, with a fault in front.
///
/// One at a time, since SQLite knows it by name; it must outlive the stores that use it. `fail` may be called from any
/// thread.
class FaultyVfs
{
public:
    static constexpr const char *name = "kiln-faulty";

    FaultyVfs()
    {
        s_current = this;
        m_real = sqlite3_vfs_find(nullptr);
        m_vfs = *m_real;
        m_vfs.zName = name;
        m_vfs.pNext = nullptr;
        m_vfs.szOsFile = int(sizeof(File)) + m_real->szOsFile;
        m_vfs.xOpen = open;
        sqlite3_vfs_register(&m_vfs, 0);
    }
    ~FaultyVfs()
    {
        sqlite3_vfs_unregister(&m_vfs);
        s_current = nullptr;
    }
    FaultyVfs(const FaultyVfs &) = delete;
    FaultyVfs &operator=(const FaultyVfs &) = delete;

    /// From the `after`th changing call on, `times` of them fail with this code (SQLITE_FULL, SQLITE_IOERR_WRITE …).
    void fail(int code, int after, int times)
    {
        m_code = code;
        m_times = times;
        m_after = after;
    }
    void heal() { m_times = 0; }
    [[nodiscard]] int failed() const { return m_failed; } ///< Calls that were made to fail so far.

private:
    struct File
    {
        sqlite3_file base;
        [[nodiscard]] sqlite3_file *real() { return reinterpret_cast<sqlite3_file *>(this + 1); }
    };
    static sqlite3_file *real(sqlite3_file *file) { return reinterpret_cast<File *>(file)->real(); }

    int trip()
    {
        if (m_times <= 0 || m_after-- > 0)
            return SQLITE_OK;
        --m_times;
        ++m_failed;
        return m_code;
    }

    static int open(sqlite3_vfs *, sqlite3_filename path, sqlite3_file *file, int flags, int *outFlags)
    {
        const int code = s_current->m_real->xOpen(s_current->m_real, path, real(file), flags, outFlags);
        file->pMethods = code == SQLITE_OK ? methods() : nullptr;
        return code;
    }

    static const sqlite3_io_methods *methods()
    {
        static const sqlite3_io_methods all = {
            .iVersion = 2, // no memory-mapped reads
            .xClose = [](sqlite3_file *f) { return real(f)->pMethods->xClose(real(f)); },
            .xRead = [](sqlite3_file *f, void *to, int n,
                        sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), to, n, at); },
            .xWrite =
                [](sqlite3_file *f, const void *from, int n, sqlite3_int64 at) {
                    const int code = s_current->trip();
                    return code == SQLITE_OK ? real(f)->pMethods->xWrite(real(f), from, n, at) : code;
                },
            .xTruncate = [](sqlite3_file *f,
                            sqlite3_int64 size) { return real(f)->pMethods->xTruncate(real(f), size); },
            .xSync =
                [](sqlite3_file *f, int flags) {
                    const int code = s_current->trip();
                    return code == SQLITE_OK ? real(f)->pMethods->xSync(real(f), flags) : SQLITE_IOERR_FSYNC;
                },
            .xFileSize = [](sqlite3_file *f,
                            sqlite3_int64 *size) { return real(f)->pMethods->xFileSize(real(f), size); },
            .xLock = [](sqlite3_file *f, int lock) { return real(f)->pMethods->xLock(real(f), lock); },
            .xUnlock = [](sqlite3_file *f, int lock) { return real(f)->pMethods->xUnlock(real(f), lock); },
            .xCheckReservedLock = [](sqlite3_file *f,
                                     int *out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
            .xFileControl = [](sqlite3_file *f, int op,
                               void *arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); },
            .xSectorSize = [](sqlite3_file *f) { return real(f)->pMethods->xSectorSize(real(f)); },
            .xDeviceCharacteristics =
                [](sqlite3_file *f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
            .xShmMap = [](sqlite3_file *f, int page, int size, int extend,
                          void volatile **out) { return real(f)->pMethods->xShmMap(real(f), page, size, extend, out); },
            .xShmLock = [](sqlite3_file *f, int offset, int n,
                           int flags) { return real(f)->pMethods->xShmLock(real(f), offset, n, flags); },
            .xShmBarrier = [](sqlite3_file *f) { real(f)->pMethods->xShmBarrier(real(f)); },
            .xShmUnmap = [](sqlite3_file *f, int drop) { return real(f)->pMethods->xShmUnmap(real(f), drop); },
            .xFetch = nullptr,
            .xUnfetch = nullptr,
        };
        return &all;
    }

    static inline FaultyVfs *s_current = nullptr;
    sqlite3_vfs m_vfs;
    sqlite3_vfs *m_real;
    std::atomic<int> m_code = SQLITE_IOERR;
    std::atomic<int> m_after = 0;
    std::atomic<int> m_times = 0;
    std::atomic<int> m_failed = 0;
};

} // namespace kiln::test
