// SPDX-License-Identifier: GPL-3.0-or-later
// JSON as the window reads it: payloads of foreign functions, and what is typed. Boost.JSON is asked as well.
#include "core/base/utf8.h"
#include "tests/fuzz/promise.h"
#include "ui/editor/json_scan.h"
#include "ui/models/json_text.h"
#include "ui/models/stack_frame.h"

#include <boost/json.hpp>

using namespace kiln;
using namespace kiln::test;
using namespace kiln::ui;

namespace {

std::size_t walk(std::string_view container, int depth)
{
    std::size_t seen = 0;
    JsonCursor cursor(container);
    const bool isObject = jsonKind(container) == JsonKind::Object;
    while (const std::optional<JsonMember> member = cursor.next()) {
        ++seen;
        promise(!member->value.empty() && member->value.data() >= container.data() &&
                    member->value.data() + member->value.size() < container.data() + container.size(),
                "a member lies within its container");
        promise(isObject == !member->key.empty(), "only members of objects have keys");
        const JsonKind kind = jsonKind(member->value);
        if (kind == JsonKind::String)
            static_cast<void>(jsonString(member->value));
        if ((kind == JsonKind::Object || kind == JsonKind::Array) && depth < 8)
            seen += walk(member->value, depth + 1);
    }
    promise(!cursor.next(), "the end stays the end");
    return seen;
}

/// How many values there are within one, down to the depth that `walk` goes to.
std::size_t counted(const boost::json::value &value, int depth)
{
    std::size_t seen = 0;
    if (depth > 8)
        return 0;
    if (const auto *array = value.if_array()) {
        for (const boost::json::value &each : *array)
            seen += 1 + counted(each, depth + 1);
    } else if (const auto *object = value.if_object()) {
        for (const auto &[key, each] : *object)
            seen += 1 + counted(each, depth + 1);
    }
    return seen;
}

void checkValid(std::string_view text)
{
    const std::string small = minifyJson(text);
    const std::string large = formatJson(text);
    promise(!findJsonError(small) && !findJsonError(large), "formatted JSON is JSON");
    promise(minifyJson(large) == small && minifyJson(small) == small, "formatting changes only space");
    promise(formatJson(large) == large, "formatting twice is formatting once");
    std::size_t shown = 0;
    for (const char c : prettyJson(text, SIZE_MAX / 2))
        shown += c != ' ' && c != '\n' && c != '\t' && c != '\r' ? 1 : 0;
    std::size_t there = 0;
    for (const char c : text)
        there += c != ' ' && c != '\n' && c != '\t' && c != '\r' ? 1 : 0;
    promise(shown == there, "every character that is no space is shown");
    promise(prettyJson(text, 10).size() <= text.size() + 64, "what is shown is bounded");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    static_cast<void>(placeInFrame(text));
    static_cast<void>(placeOf(text));

    boost::json::error_code failed;
    boost::json::parse_options options;
    options.max_depth = 500;
    const boost::json::value value = boost::json::parse({text.data(), text.size()}, failed, {}, options);
    const std::optional<JsonError> error = findJsonError(text);
    const std::optional<JsonFlaw> flaw = jsonFlaw(text);
    if (error) {
        promise(error->offset <= size && error->offset + error->length <= size + 1, "an error lies within the text");
        promise(error->line >= 1 && error->column >= 1 && !error->message.isEmpty(), "an error says where and what");
        promise(formatJson(text) == text && minifyJson(text) == text, "what is no JSON stays as it is");
    } else {
        checkValid(text);
    }
    if (flaw)
        promise(flaw->offset <= size && !flaw->message.isEmpty(), "a flaw says where and what");
    promise(failed || (!error && !flaw), "what is JSON is taken for JSON");
    if (isUtf8(text) && !failed && !flaw) {
        const std::string_view root = jsonTrimmed(text);
        const JsonKind kind = jsonKind(root);
        promise((kind == JsonKind::Object) == value.is_object() && (kind == JsonKind::Array) == value.is_array() &&
                    (kind == JsonKind::String) == value.is_string() && (kind == JsonKind::Number) == value.is_number(),
                "the kind of a value");
        if (kind == JsonKind::String)
            promise(jsonBytes(root) == std::string_view(value.get_string()), "a text is decoded");
        if (kind == JsonKind::Object || kind == JsonKind::Array)
            promise(walk(root, 0) >= counted(value, 0), "every member is found"); // doubled keys count here only
    }
    return 0;
}
