// SPDX-License-Identifier: GPL-3.0-or-later
// What a worker sends over its channel: frames, however the bytes are cut.
#include "core/runtime/frames.h"
#include "tests/fuzz/promise.h"

#include <algorithm>
#include <cstring>
#include <vector>

using namespace kiln;
using namespace kiln::test;

namespace {

constexpr std::size_t maxBody = 70'000; // over the size from which a body is read in place

struct Told
{
    std::vector<FrameReader::Frame> frames;
    std::string error;
    Error::Code code = Error::Code::Io;
    bool begun = false;
};

/// Reads all of it in pieces of what `cuts` says, over and over; empty: as one.
Told readInPieces(std::string_view bytes, std::string_view cuts)
{
    FrameReader reader(maxBody);
    Told told;
    for (std::size_t turn = 0; !bytes.empty() || turn == 0; ++turn) {
        const std::size_t wish = cuts.empty() ? bytes.size() : 1 + std::uint8_t(cuts[turn % cuts.size()]) * 7U;
        const std::size_t count = std::min(wish, bytes.size());
        char *const room = reader.prepare(std::max<std::size_t>(count, 1));
        std::copy_n(bytes.data(), count, room);
        reader.filled(count);
        bytes.remove_prefix(count);
        while (true) {
            auto frame = reader.next();
            if (!frame) {
                told.error = frame.error().text();
                told.code = frame.error().code;
                promise(!reader.next(), "a broken stream stays broken");
                return told;
            }
            if (!*frame)
                break;
            told.frames.push_back(std::move(**frame));
        }
    }
    told.begun = reader.begun();
    return told;
}

void checkAlike(const Told &a, const Told &b)
{
    promise(a.error == b.error && a.begun == b.begun, "the end does not depend on how the bytes are cut");
    promise(a.frames.size() == b.frames.size(), "the frames do not depend on how the bytes are cut");
    for (std::size_t i = 0; i < a.frames.size(); ++i) {
        const FrameHeader &x = a.frames[i].header, &y = b.frames[i].header;
        promise(x.type == y.type && x.serial == y.serial && x.flags == y.flags && a.frames[i].body == b.frames[i].body,
                "a frame does not depend on how the bytes are cut");
    }
}

/// Foreign bytes: what is read is what was there, and no more.
void foreign(std::string_view bytes, std::string_view cuts)
{
    const Told whole = readInPieces(bytes, {});
    std::string again;
    for (const FrameReader::Frame &frame : whole.frames) {
        promise(frame.body.size() == frame.header.length && frame.body.size() <= maxBody, "a body keeps its bound");
        const std::size_t begin = again.size();
        appendFrame(again, frame.header.type, frame.header.serial, frame.body);
        again[begin + 5] = char(frame.header.flags);
    }
    promise(bytes.starts_with(again), "frames are the bytes that came");
    if (whole.error.empty())
        promise(whole.begun == (again.size() < bytes.size()), "what is left over is the beginning of a frame");
    else
        promise(whole.code == Error::Code::Untrusted || whole.code == Error::Code::LimitExceeded, "the kind of error");
    checkAlike(whole, readInPieces(bytes, cuts));
    checkAlike(whole, readInPieces(bytes, std::string_view("\0", 1)));
}

/// Our own frames come back whole, large ones too.
void ours(Input input, std::string_view cuts)
{
    static constexpr FrameType types[] = {FrameType::Init,      FrameType::Hello,  FrameType::Ready,
                                          FrameType::InitError, FrameType::Result, FrameType::Failure};
    std::string bytes;
    std::vector<std::string> bodies;
    while (!input.empty() && bodies.size() < 8) {
        const FrameType type = types[input.byte() % std::size(types)];
        const std::size_t size = input.number(maxBody) % (input.byte() % 4 == 0 ? maxBody + 1 : 100);
        std::string body(input.text(std::min<std::size_t>(size, 16)));
        body.resize(size, 'x');
        appendFrame(bytes, type, bodies.size(), body);
        bodies.push_back(std::move(body));
    }
    const Told told = readInPieces(bytes, cuts);
    promise(told.error.empty() && !told.begun && told.frames.size() == bodies.size(), "all of our frames are read");
    for (std::size_t i = 0; i < bodies.size(); ++i)
        promise(told.frames[i].header.serial == i && told.frames[i].body == bodies[i], "our frames come back");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Input input(data, size);
    const bool isForeign = input.byte() % 2 == 0;
    const std::string_view cuts = input.text(4);
    isForeign ? foreign(input.rest(), cuts) : ours(input, cuts);
    return 0;
}
