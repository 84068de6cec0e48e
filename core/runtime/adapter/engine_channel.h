// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/frames.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kiln::adapter {

/// The worker's end of the channel to the engine: descriptor 3, blocking. What cannot be sent or read ends the process,
/// since it is of no use without its engine.
class EngineChannel
{
public:
    explicit EngineChannel(int fd);

    [[nodiscard]] int fd() const { return m_fd; }

    void send(FrameType type, std::uint64_t serial = 0, std::string_view body = {}, std::uint8_t flags = 0);

    /// Waits for a frame.
    [[nodiscard]] FrameReader::Frame receive();
    /// One that has come whole; nullopt otherwise. Call again until then.
    [[nodiscard]] std::optional<FrameReader::Frame> receiveNow();

private:
    enum class Wait { ForBytes, No };
    [[nodiscard]] bool fill(Wait wait);
    [[nodiscard]] std::optional<FrameReader::Frame> take();

    const int m_fd;
    FrameReader m_reader;
};

} // namespace kiln::adapter
