// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace kiln {

/// Something that a function reached for outside its sandbox, or that it was given by name.
struct Access
{
    enum class Kind { Connect, Read, Write, Variable };
    enum class Source {
        Worker,  ///< The bootstrap's word, which is never trusted: tried, and nobody knows yet whether it may.
        Allowed, ///< By the engine, which carried it out.
        Refused, ///< By the engine.
    };

    Kind kind = Kind::Connect;
    Source source = Source::Worker;
    std::string target; ///< "example.com:443", "[::1]:80"; a path as the code wrote it; a variable's name.
    std::string place;  ///< "handler.py:12" when known.
    std::string reason; ///< Of the engine's refusal where a grant alone does not explain it.

    bool operator==(const Access &) const = default;
};

} // namespace kiln
