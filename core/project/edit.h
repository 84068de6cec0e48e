// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"
#include "core/model/grant.h"
#include "core/model/trigger.h"

#include <string>
#include <variant>
#include <vector>

namespace kiln {

/// Sets or removes one value of a function.yaml: only that value's bytes change.
struct SetValue
{
    std::string function;
    std::vector<std::string> key; ///< {"concurrency", "max"}; list items by index, {"triggers", "0"}.
    std::string yaml;             ///< The new value as YAML in flow style; empty removes the key.
};

struct AddTrigger
{
    std::string function;
    Trigger trigger;
};

struct ReplaceTrigger
{
    std::string function;
    std::size_t index = 0;
    Trigger trigger;
};

struct RemoveTrigger
{
    std::string function;
    std::size_t index = 0;
};

/// A new function folder from a template.
struct NewFunction
{
    std::string name;
    std::string runtime;                ///< As in function.yaml.
    std::string templateName = "basic"; ///< A folder of resources/templates/RUNTIME/.
};

/// Moves a function's folder to .kiln/trash, from where it can be taken back.
struct DeleteFunction
{
    std::string name;
};

struct SaveTestEvent
{
    std::string function;
    std::string name; ///< File name; ".json" is added when it has no ending.
    std::string data;
};

struct DeleteTestEvent
{
    std::string function;
    std::string name;
};

/// Adds permissions to a function.yaml; one that is there already changes nothing.
struct Permit
{
    std::string function;
    std::vector<Grant> grants;
};

/// Takes permissions away again.
struct Revoke
{
    std::string function;
    std::vector<Grant> grants;
};

/// Takes permissions away, and gives others in their place.
struct Narrow
{
    std::string function;
    std::vector<Grant> remove;
    std::vector<Grant> add;
};

/// One change of a workspace on disk; each is checked before anything is written, and whole or not at all.
using WorkspaceEdit = std::variant<SetValue, AddTrigger, ReplaceTrigger, RemoveTrigger, NewFunction, DeleteFunction,
                                   SaveTestEvent, DeleteTestEvent, Permit, Revoke, Narrow>;

} // namespace kiln
