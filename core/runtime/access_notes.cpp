// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/access_notes.h"

#include "core/base/utf8.h"

#include <boost/json.hpp>

#include <algorithm>
#include <optional>

namespace kiln {

namespace {

constexpr std::size_t maxBody = 256 * 1024;
constexpr std::size_t maxTarget = 1024;
constexpr std::size_t maxPlace = 512;

std::optional<Access::Kind> kindOf(std::string_view word)
{
    if (word == "connect")
        return Access::Kind::Connect;
    if (word == "read")
        return Access::Kind::Read;
    if (word == "write")
        return Access::Kind::Write;
    if (word == "variable")
        return Access::Kind::Variable;
    return std::nullopt;
}

std::optional<Access> fromJson(const boost::json::value &value)
{
    const auto *object = value.if_object();
    const auto text = [&](const char *key) -> const boost::json::string * {
        const auto *field = object ? object->if_contains(key) : nullptr;
        return field ? field->if_string() : nullptr;
    };
    const auto *kind = text("kind");
    const auto *target = text("target");
    const auto *place = text("place");
    if (!kind || !target || !place || target->empty())
        return std::nullopt;
    const auto known = kindOf(*kind);
    if (!known)
        return std::nullopt;
    return Access{*known, Access::Source::Worker, toUtf8(*target), toUtf8(*place), {}};
}

} // namespace

Result<std::vector<Access>> readAccessNotes(std::string_view body)
{
    boost::json::error_code failed;
    const auto value = body.size() > maxBody ? boost::json::value() : boost::json::parse(body, failed);
    const auto *list = failed ? nullptr : value.if_array();
    if (!list)
        return fail(Error::Code::Untrusted, "The worker sent notes that cannot be read");
    std::vector<Access> notes;
    for (const auto &item : *list) {
        if (notes.size() == maxAccessNotes)
            break;
        auto access = fromJson(item);
        if (!access)
            return fail(Error::Code::Untrusted, "The worker sent notes that cannot be read");
        if (access->target.size() <= maxTarget && access->place.size() <= maxPlace &&
            std::find(notes.begin(), notes.end(), *access) == notes.end())
            notes.push_back(*std::move(access));
    }
    return notes;
}

} // namespace kiln
