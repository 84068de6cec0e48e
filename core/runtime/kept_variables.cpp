// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/kept_variables.h"

#include "core/base/utf8.h"

#include <boost/json.hpp>

#include <optional>
#include <string>

namespace kiln {

namespace {

constexpr std::size_t maxBody = 256 * 1024;
constexpr std::size_t maxVariables = 64;
constexpr std::size_t maxName = 200;
constexpr std::size_t maxValue = 500;

std::optional<CarriedState::Variable> fromJson(const boost::json::value &value)
{
    const auto *pair = value.if_array();
    if (!pair || pair->size() != 2 || !pair->at(0).is_string() || !pair->at(1).is_string())
        return std::nullopt;
    const std::string_view name = pair->at(0).get_string();
    const std::string_view text = pair->at(1).get_string();
    return CarriedState::Variable{toPlainLine(name, maxName), toPlainLine(text, maxValue)};
}

} // namespace

Result<KeptVariables> readKeptVariables(std::string_view body)
{
    const auto unreadable =
        fail(Error::Code::Untrusted, "the worker told of its variables in a way that cannot be read");
    boost::json::error_code failed;
    const auto value = body.size() > maxBody ? boost::json::value() : boost::json::parse(body, failed);
    const auto *object = failed ? nullptr : value.if_object();
    const auto *list = object && object->contains("variables") ? object->at("variables").if_array() : nullptr;
    if (!list)
        return unreadable;
    KeptVariables kept;
    for (const auto &item : *list) {
        auto variable = fromJson(item);
        if (!variable)
            return unreadable;
        if (kept.variables.size() < maxVariables)
            kept.variables.push_back(*std::move(variable));
        else
            ++kept.more;
    }
    if (const auto *more = object->if_contains("more"); more && more->is_int64() && more->get_int64() > 0)
        kept.more += std::size_t(more->get_int64());
    return kept;
}

} // namespace kiln
