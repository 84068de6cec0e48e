// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// The worker protocol: length-prefixed frames over a stream socket, both ways, little endian.
///
///     offset 0   u32  length of the body in bytes
///            4   u8   type
///            5   u8   flags: frameLast, frameTooLarge, or 0 (others are reserved: more follows, body in a memfd)
///            6   u16  0
///            8   u64  serial of the invocation this belongs to, 0 for none
///           16   body
///
/// What a worker sends is never trusted: lengths are bounded, an unexpected type or serial ends that worker only. The
/// worker's end of the socket must be blocking (SOCK_NONBLOCK for a socketpair would make both ends non-blocking).
enum class FrameType : std::uint8_t {
    // engine → worker
    Init = 1,   ///< Body: JSON, see initBody (core/runtime/launch_line.h).
    Invoke = 2, ///< Body: see InvokeHead, then the event's bytes.
    Code = 3,  ///< Before Init, seldom: the function's code, compiled ahead (planCodeAhead in core/build/build_plan.h).
    Begin = 4, ///< To a process that waited, after Init: the code is in its place, user code may run. Empty.
    AskKept = 5, ///< Between calls: what does the module keep in its variables? Empty.
    // worker → engine
    Hello = 16,     ///< The bootstrap runs. Empty.
    Ready = 17,     ///< The user's module is loaded. Empty.
    InitError = 18, ///< Body: see readFunctionError; the worker exits.
    Result = 19,    ///< Body: the response's bytes.
    Failure = 20,   ///< Body as for InitError; the worker serves again, unless frameLast is set.
    Declined = 21,  ///< Of a zygote whose module is loaded: why no process may come out of it, as text; it ends.
    Notes = 22,     ///< Before Ready, InitError, Result or Failure, seldom. Body: see readAccessNotes.
    Kept = 23,      ///< The answer to AskKept. Body: see readKeptVariables.
};

/// Flag of a Failure: the worker ends after it (an exception that nobody caught left it in an unknown state).
inline constexpr std::uint8_t frameLast = 1;
/// Flag of a Result: the response was over the limit and is left out.
inline constexpr std::uint8_t frameTooLarge = 2;

inline constexpr std::size_t frameHeaderSize = 16;

struct FrameHeader
{
    std::uint32_t length = 0;
    FrameType type = FrameType::Hello;
    std::uint8_t flags = 0;
    std::uint64_t serial = 0;

    [[nodiscard]] bool last() const { return (flags & frameLast) != 0; }
    [[nodiscard]] bool tooLarge() const { return (flags & frameTooLarge) != 0; }
};

/// Fixed fields at the start of an Invoke body: cheap to read in any language.
///
///     offset 0   u64       deadline, milliseconds of Unix time
///            8   char[36]  request id
///           44   u32       length of the context that follows, 0 for none
///           48   context (JSON: "client_context", "trace_id"), then the event
struct InvokeHead
{
    std::uint64_t deadlineMs = 0;
    std::string_view requestId; ///< 36 characters.
    std::string_view context;
};

/// Appends what comes before a body of `length` bytes.
void appendFrameHeader(std::string &out, FrameType type, std::uint8_t flags, std::uint64_t serial, std::size_t length);
/// Appends a whole frame to `out`.
void appendFrame(std::string &out, FrameType type, std::uint64_t serial, std::string_view body);
void appendInvoke(std::string &out, std::uint64_t serial, const InvokeHead &head, std::string_view event);

/// Takes frames out of a stream of foreign bytes. Keeps what is incomplete.
///
/// Small bodies are copied once out of a buffer that is kept; large ones are read straight into the string that is
/// handed out. Memory grows with the bytes that came, never with a length that was only claimed.
class FrameReader
{
public:
    struct Frame
    {
        FrameHeader header;
        std::string body;
    };

    explicit FrameReader(std::size_t maxBody)
        : m_maxBody(maxBody)
    {}

    /// Where to read the next bytes to: space of at least `room` bytes; call `filled` with how many came. The pointer
    /// holds until the next call of any member.
    [[nodiscard]] char *prepare(std::size_t room);
    void filled(std::size_t count);

    /// The next whole frame; nullopt when more bytes are needed; an Error when the bytes are no frame, after which the
    /// stream is of no use and each call fails. A body over the bound is an Error of code LimitExceeded.
    [[nodiscard]] Result<std::optional<Frame>> next();

    /// Whether part of a frame has come: the answer has begun.
    [[nodiscard]] bool begun() const { return m_large || m_end > m_begin; }

private:
    [[nodiscard]] Result<FrameHeader> readHeader() const;
    [[nodiscard]] std::optional<Frame> takeLarge();
    void startLarge(const FrameHeader &header);

    std::size_t m_maxBody;
    std::string m_buffer; ///< Bytes m_begin … m_end are not taken yet.
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
    std::optional<FrameHeader> m_large; ///< Of the frame whose body goes to m_body.
    std::string m_body;
    std::size_t m_bodyEnd = 0;
    std::optional<Error> m_broken;
};

} // namespace kiln
