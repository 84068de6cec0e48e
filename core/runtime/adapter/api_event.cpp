// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/api_event.h"

#include <boost/json.hpp>

#include <cstring>

namespace kiln::adapter {

namespace {

namespace json = boost::json;

constexpr std::size_t idSize = 36;
constexpr std::size_t headSize = 48;

template<typename T> T littleEndian(const char *from)
{
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = T(value | T(T(static_cast<unsigned char>(from[i])) << (8 * i)));
    return value;
}

/// A header holds bytes below 0x80: others are written as JSON's escapes.
std::string toAscii(std::string_view text)
{
    std::string ascii;
    const auto escape = [&](unsigned unit) {
        constexpr std::string_view digits = "0123456789abcdef";
        ascii += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4)
            ascii += digits[(unit >> shift) & 15];
    };
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (length == 1) {
            ascii += text[i++];
            continue;
        }
        unsigned point = lead & (0xFFu >> (length + 1));
        for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
            point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3Fu);
        i += length;
        if (point >= 0x10000) {
            escape(0xD800 + ((point - 0x10000) >> 10));
            escape(0xDC00 + ((point - 0x10000) & 0x3FF));
        } else {
            escape(point);
        }
    }
    return ascii;
}

bool isHeaderValue(std::string_view text)
{
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f)
            return false;
    }
    return !text.empty() && text.size() <= 1024;
}

void readContext(std::string_view text, ApiEvent &invocation)
{
    json::error_code failed;
    const json::value value = json::parse({text.data(), text.size()}, failed);
    const json::object *object = failed ? nullptr : value.if_object();
    if (!object)
        return;
    if (const json::value *trace = object->if_contains("trace_id"); trace && trace->is_string()) {
        if (isHeaderValue(std::string_view(trace->get_string())))
            invocation.traceId = std::string(trace->get_string());
    }
    if (const json::value *client = object->if_contains("client_context"); client && client->is_object())
        invocation.clientContext = toAscii(json::serialize(*client));
}

/// On AWS Lambda there always is one, and clients count on it: 8 and 24 hex digits of the request's id, not sampled.
std::string madeTrace(std::string_view id)
{
    std::string digits;
    for (const char c : id) {
        if (c != '-')
            digits += c;
    }
    return "Root=1-" + digits.substr(0, 8) + "-" + digits.substr(8) + ";Parent=" + digits.substr(digits.size() - 16) +
           ";Sampled=0";
}

} // namespace

std::optional<ApiEvent> readInvoke(FrameReader::Frame frame)
{
    if (frame.header.type != FrameType::Invoke || frame.body.size() < headSize)
        return std::nullopt;
    ApiEvent invocation;
    invocation.serial = frame.header.serial;
    invocation.deadlineMs = littleEndian<std::uint64_t>(frame.body.data());
    invocation.id = frame.body.substr(8, idSize);
    const std::size_t context = littleEndian<std::uint32_t>(frame.body.data() + 8 + idSize);
    if (context > frame.body.size() - headSize || !isHeaderValue(invocation.id))
        return std::nullopt;
    if (context > 0)
        readContext(std::string_view(frame.body).substr(headSize, context), invocation);
    if (invocation.traceId.empty())
        invocation.traceId = madeTrace(invocation.id);
    frame.body.erase(0, headSize + context);
    invocation.event = std::move(frame.body);
    return invocation;
}

} // namespace kiln::adapter
