// SPDX-License-Identifier: GPL-3.0-or-later
// What a worker says of an error, and the lines that it prints.
#include "core/base/utf8.h"
#include "core/runtime/function_error.h"
#include "core/runtime/log_format.h"
#include "tests/fuzz/promise.h"

#include <boost/json.hpp>

using namespace kiln;
using namespace kiln::test;

namespace json = boost::json;

namespace {

constexpr std::size_t cutMark = 3; // "…"

std::string toJson(const FunctionError &error)
{
    json::array stack(error.stack.begin(), error.stack.end());
    return json::serialize(json::object{{"type", error.type}, {"message", error.message}, {"stack", std::move(stack)}});
}

void readError(std::string_view body)
{
    const Result<FunctionError> error = readFunctionError(body);
    if (!error) {
        promise(error.error().code == Error::Code::Untrusted, "what cannot be read is untrusted");
        return;
    }
    promise(!error->type.empty() && error->type.size() <= 256 + cutMark && isUtf8(error->type), "the type is bounded");
    promise(error->message.size() <= 64 * 1024 + cutMark && isUtf8(error->message), "the message is bounded");
    promise(error->stack.size() <= 1000, "the stack is bounded");
    for (const std::string &line : error->stack)
        promise(line.size() <= 8 * 1024 + cutMark && isUtf8(line), "a line of the stack is bounded");
    const Result<FunctionError> again = readFunctionError(toJson(*error));
    promise(again && (error->type.size() > 256 || again->type == error->type) &&
                again->stack.size() == error->stack.size(),
            "what was read can be written and read");
}

void readLines(std::string_view bytes, Language language)
{
    LogFormat format(language);
    for (Input input(reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size()); !input.empty();) {
        const std::string_view line = input.line();
        const LogText text = format.read(line);
        promise(text.level <= LogLevel::Fatal, "a printed line has a level of the function's");
        promise(text.text.data() + text.text.size() == line.data() + line.size() && text.text.size() <= line.size(),
                "the text is the end of the line");
        static_cast<void>(levelOf(line, language));
        static_cast<void>(tellsHeapExhausted(line));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    readError(bytes);
    readLines(bytes, Language::Python);
    readLines(bytes, Language::Node);
    return 0;
}
