// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a user's handler inside a sandbox and talks to the engine over descriptor 3 (core/runtime/frames.h). Linked with
// the user's code into one program.

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <exception>
#include <fcntl.h>
#include <iostream>
#include <kiln/json.h>
#include <kiln/serve.h>
#include <memory>
#include <typeinfo>
#include <unistd.h>

namespace kiln {

namespace {

enum Type : unsigned char { Init = 1, Invoke = 2, Hello = 16, Ready = 17, InitError = 18, Result = 19, Failure = 20 };

constexpr std::size_t headerSize = 16;
constexpr std::size_t invokeHeadSize = 48;
constexpr std::size_t messageLimit = 64 * 1024;
constexpr int chainLimit = 10;
constexpr int outOfTheWay = 512; ///< Of loops that close all descriptors.

int channel = -1;
pid_t owner = 0;

/// What does not change between invocations. Made when first asked for: that is before static objects are.
Context &unchanging()
{
    static Context context;
    return context;
}

template<typename T> T readInteger(const char *from) // this machine's order is the protocol's
{
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

/// A closed channel means that the engine is gone: this process ends at once.
void readAll(char *into, std::size_t size)
{
    while (size > 0) {
        const ssize_t count = ::read(channel, into, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            ::_exit(0);
        into += count;
        size -= std::size_t(count);
    }
}

void writeAll(int to, const char *from, std::size_t size)
{
    while (size > 0) {
        const ssize_t count = ::write(to, from, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0 && to != channel)
            return; // closed by the user
        if (count <= 0)
            ::_exit(0);
        from += count;
        size -= std::size_t(count);
    }
}

struct Frame
{
    unsigned char type = 0;
    std::uint64_t serial = 0;
    std::string body;
};

/// Most frames come with one read.
const Frame &receive()
{
    static Frame frame;
    static char buffer[64 * 1024];
    static std::size_t held = 0;
    const auto fill = [](std::size_t wanted) {
        while (held < wanted) {
            const ssize_t count = ::read(channel, buffer + held, sizeof buffer - held);
            if (count < 0 && errno == EINTR)
                continue;
            if (count <= 0)
                ::_exit(0);
            held += std::size_t(count);
        }
    };
    fill(headerSize);
    const std::size_t size = readInteger<std::uint32_t>(buffer);
    frame.type = static_cast<unsigned char>(buffer[4]);
    frame.serial = readInteger<std::uint64_t>(buffer + 8);
    frame.body.resize(size);
    const std::size_t here = std::min(size, held - headerSize);
    std::memcpy(frame.body.data(), buffer + headerSize, here);
    held -= headerSize + here;
    std::memmove(buffer, buffer + headerSize + here, held);
    readAll(frame.body.data() + here, size - here);
    return frame;
}

void send(Type type, std::uint64_t serial, std::string_view body)
{
    if (::getpid() != owner)
        ::_exit(0); // a child that the user's code left running
    static std::string bytes;
    bytes.assign(headerSize, '\0');
    const auto size = std::uint32_t(body.size());
    std::memcpy(bytes.data(), &size, sizeof size);
    bytes[4] = char(type);
    std::memcpy(bytes.data() + 8, &serial, sizeof serial);
    bytes += body;
    writeAll(channel, bytes.data(), bytes.size());
}

[[noreturn]] void refuse(const char *expected, int got)
{
    std::fprintf(stderr, "kiln: expected %s frame, got type %d\n", expected, got);
    ::_exit(1);
}

/// Takes the channel away, and the environment and folder in, before the user's own static objects are made.
[[gnu::constructor(101)]] void start()
{
    owner = ::getpid();
    channel = ::fcntl(3, F_DUPFD_CLOEXEC, outOfTheWay);
    if (channel < 0)
        ::_exit(1);
    ::close(3);
    ::setvbuf(stdout, nullptr, _IOLBF, 64 * 1024);
    send(Hello, 0, {});
    const Frame &frame = receive();
    if (frame.type != Init)
        refuse("an Init", frame.type);
    const Json init = Json::parse(frame.body);
    for (const auto &[name, value] : init["environment"].members())
        ::setenv(name.c_str(), value.text().c_str(), 1);
    const Json &context = init["context"];
    unchanging().functionName = context["function_name"].text();
    unchanging().functionVersion = context["function_version"].text();
    unchanging().invokedFunctionArn = context["invoked_function_arn"].text();
    unchanging().memoryLimitInMB = context["memory_limit_in_mb"].text();
    unchanging().logGroupName = context["log_group_name"].text();
    unchanging().logStreamName = context["log_stream_name"].text();
    if (::chdir(init["code"].text().c_str()) != 0) {
        std::perror("kiln: the code cannot be entered");
        ::_exit(1);
    }
}

void flush()
{
    std::cout.flush();
    std::clog.flush();
    std::fflush(nullptr);
}

/// Text that is UTF-8: each byte that is not becomes U+FFFD.
std::string clean(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < std::min(text.size(), messageLimit);) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t size = lead < 0x80                   ? 1
                                 : lead >= 0xC2 && lead < 0xE0 ? 2
                                 : lead >= 0xE0 && lead < 0xF0 ? 3
                                 : lead >= 0xF0 && lead < 0xF5 ? 4
                                                               : 0;
        bool whole = size > 0 && i + size <= text.size();
        for (std::size_t k = 1; whole && k < size; ++k)
            whole = (static_cast<unsigned char>(text[i + k]) & 0xC0) == 0x80;
        const auto second = whole && size > 2 ? static_cast<unsigned char>(text[i + 1]) : 0x90;
        whole = whole && !(lead == 0xE0 && second < 0xA0) && !(lead == 0xED && second > 0x9F) &&
                !(lead == 0xF0 && second < 0x90) && !(lead == 0xF4 && second > 0x8F);
        out += whole ? std::string(text.substr(i, size)) : std::string("\xEF\xBF\xBD");
        i += whole ? size : 1;
    }
    return text.size() > messageLimit ? out + "…" : out;
}

std::string typeName(const std::type_info *type)
{
    if (!type)
        return "unknown";
    int status = 0;
    const std::unique_ptr<char, void (*)(void *)> name(abi::__cxa_demangle(type->name(), nullptr, nullptr, &status),
                                                       std::free);
    return name ? name.get() : type->name();
}

/// Of an exception under way: its type, its message, and those of the exceptions nested in it.
struct Told
{
    std::string type;
    std::string message;
    std::vector<std::string> causes;
};

Told describe(const std::exception_ptr &thrown, int depth = 0)
{
    Told told;
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception &error) {
        told = {typeName(&typeid(error)), clean(error.what()), {}};
        const auto *nested = dynamic_cast<const std::nested_exception *>(&error);
        if (nested && nested->nested_ptr() && depth < chainLimit) {
            // nested_exception's own wrapper is no type of the user's
            constexpr std::string_view wrapper = "std::_Nested_exception<";
            if (told.type.starts_with(wrapper))
                told.type = told.type.substr(wrapper.size(), told.type.size() - wrapper.size() - 1);
            const Told cause = describe(nested->nested_ptr(), depth + 1);
            told.causes = {"Caused by: " + cause.type + ": " + cause.message};
            told.causes.insert(told.causes.end(), cause.causes.begin(), cause.causes.end());
        }
    } catch (const std::string &text) {
        told = {"std::string", clean(text), {}};
    } catch (const char *text) {
        told = {"const char *", clean(text), {}};
    } catch (...) {
        told = {typeName(abi::__cxa_current_exception_type()), "an exception that has no text", {}};
    }
    return told;
}

/// Logs the error, then tells it.
void report(Type type, std::uint64_t serial)
{
    const Told told = describe(std::current_exception());
    flush();
    std::string line = "[ERROR] " + told.type + ": ";
    for (const char c : told.message)
        line.append(c == '\n' ? "\n  " : std::string(1, c));
    line += '\n';
    Json stack = Json::array({});
    for (const std::string &cause : told.causes) {
        line += "  " + cause + "\n";
        stack.add(cause);
    }
    writeAll(1, line.data(), line.size());
    send(type, serial, Json::object({{"type", told.type}, {"message", told.message}, {"stack", stack}}).dump());
}

void answer(Handler handler, const Frame &frame)
{
    const std::string_view body = frame.body;
    Context context = unchanging();
    context.deadline =
        std::chrono::system_clock::time_point(std::chrono::milliseconds(readInteger<std::uint64_t>(body.data())));
    context.awsRequestId = body.substr(8, 36);
    const std::size_t contextSize = readInteger<std::uint32_t>(body.data() + 44);
    try {
        if (contextSize > 0) {
            const Json sent = Json::parse(body.substr(invokeHeadSize, contextSize));
            context.traceId = sent["trace_id"].text();
            if (!sent["client_context"].isNull())
                context.clientContext = sent["client_context"].dump();
            if (!context.traceId.empty())
                ::setenv("_X_AMZN_TRACE_ID", context.traceId.c_str(), 1);
        }
        const std::string response = handler(body.substr(invokeHeadSize + contextSize), context);
        flush();
        send(Result, frame.serial, response);
    } catch (const abi::__forced_unwind &) {
        throw; // the thread is being ended
    } catch (...) {
        report(Failure, frame.serial);
    }
}

} // namespace

int serve(Handler handler)
{
    flush();
    send(Ready, 0, {});
    while (true) {
        const Frame &frame = receive();
        if (frame.type != Invoke || frame.body.size() < invokeHeadSize)
            refuse("an Invoke", frame.type);
        answer(handler, frame);
    }
}

} // namespace kiln
