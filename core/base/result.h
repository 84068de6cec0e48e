// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <utility>
#include <vector>

namespace kiln {

/// Why the workbench could not do something: what failed, on what, why, and what to do about it.
///
/// A function that throws, times out or is killed is not an Error: that is an Outcome, stored with its
/// Invocation. The two never mix.
struct Error
{
    enum class Code {
        InvalidArgument,
        NotFound,
        AlreadyExists,
        LimitExceeded,
        Untrusted,
        NotBuilt,
        Sandbox,
        Store,
        Io,
        Busy
    };

    Code code = Code::Io;
    std::string message; ///< One sentence, no trailing period; shown as is.
    std::string place;   ///< "functions/a/function.yaml:3", a path, an address; empty when there is none.
    std::string remedy;  ///< What the user can do; empty when nothing is known to help.
    int sysErrno = 0;    ///< errno at the failing call, 0 when none applies.

    /// One line for a terminal or a log: "place: message (strerror): remedy".
    [[nodiscard]] std::string text() const;
};

/// Every function returning a Result is [[nodiscard]]; the test in tests/house checks it.
template<typename T = void> using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Error::Code code, std::string message, std::string place = {},
                                                std::string remedy = {})
{
    return tl::make_unexpected(Error{code, std::move(message), std::move(place), std::move(remedy), 0});
}

/// For a failed system call: keeps errno beside the sentence.
[[nodiscard]] inline tl::unexpected<Error> failErrno(Error::Code code, int sysErrno, std::string message,
                                                     std::string place = {}, std::string remedy = {})
{
    return tl::make_unexpected(Error{code, std::move(message), std::move(place), std::move(remedy), sysErrno});
}

} // namespace kiln
