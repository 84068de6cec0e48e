// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/feed_items.h"

#include <algorithm>

namespace kiln {

namespace {

constexpr std::size_t largeFrom = 16 * 1024;
constexpr std::size_t longestText = 4 * 1024;
constexpr std::size_t mostFrames = 50;

bool isLarge(const Invocation &invocation)
{
    std::size_t size = invocation.error.message.size() + invocation.logs.bytes();
    for (const Payload &payload : {invocation.event.data, invocation.response})
        size += payload ? payload->size() : 0;
    for (const std::string &frame : invocation.error.stack)
        size += sizeof frame + frame.size();
    return size > largeFrom;
}

std::string cut(const std::string &text)
{
    if (text.size() <= longestText)
        return text;
    std::size_t end = longestText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end; // not within a character
    return text.substr(0, end) + " … (cut here, of " + std::to_string(text.size()) + " bytes)";
}

FunctionError cut(const FunctionError &error)
{
    FunctionError light{cut(error.type), cut(error.message), {}};
    const std::size_t frames = std::min(error.stack.size(), mostFrames);
    for (std::size_t i = error.stack.size() - frames; i < error.stack.size(); ++i)
        light.stack.push_back(cut(error.stack[i]));
    return light;
}

} // namespace

InvocationPtr forFeed(const InvocationPtr &invocation)
{
    if (!isLarge(*invocation))
        return invocation;
    auto light = std::make_shared<Invocation>();
    light->id = invocation->id;
    light->event = invocation->event;
    light->event.data = payload({});
    light->revision = invocation->revision;
    light->triggerKind = invocation->triggerKind;
    light->attempt = invocation->attempt;
    light->accepted = invocation->accepted;
    light->outcome = invocation->outcome;
    light->error = cut(invocation->error);
    light->start = invocation->start;
    light->tier = invocation->tier;
    light->phases = invocation->phases;
    light->usage = invocation->usage;
    light->worker = invocation->worker;
    light->denied = invocation->denied;
    light->logsCut = invocation->logsCut;
    return light;
}

LogLine forFeed(const LogLine &line) { return {line.time, line.level, cut(line.text)}; }

} // namespace kiln
