// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Frames over descriptor 3, as core/runtime/frames.h lays them out, read and written with blocking calls.

const fs = require('fs');

const CHANNEL = 3, HEADER_SIZE = 16, BUFFER_SIZE = 64 * 1024;

// What the user's code may replace, kept from before it runs.
const { readSync, writeSync } = fs;
const exit = process.reallyExit.bind(process);

const input = Buffer.allocUnsafeSlow(BUFFER_SIZE);
let begin = 0, end = 0; // what of `input` is not yet consumed
const output = Buffer.allocUnsafeSlow(BUFFER_SIZE);

/** Reads at least one byte. A closed channel means that the engine is gone: this process ends at once. */
function read(buffer, offset) {
    let count = 0;
    try {
        count = readSync(CHANNEL, buffer, offset, buffer.length - offset, null);
    } catch {
        // as if closed
    }
    if (count === 0)
        exit(0);
    return count;
}

function write(fd, buffer, size) {
    for (let sent = 0; sent < size;) {
        try {
            sent += writeSync(fd, buffer, sent, size - sent, null);
        } catch (error) {
            if (error.code !== 'EAGAIN')
                return false;
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // a full pipe that someone made non-blocking
        }
    }
    return true;
}

/** The next frame: its bytes are `body.buffer` from `body.begin` to `body.end`, until the next call. */
const frame = { type: 0, serialLow: 0, serialHigh: 0, buffer: input, begin: 0, end: 0 };
function receive() {
    if (begin === end)
        begin = end = 0;
    for (;;) {
        if (end - begin >= HEADER_SIZE) {
            const size = HEADER_SIZE + input.readUInt32LE(begin);
            frame.type = input[begin + 4];
            frame.serialLow = input.readUInt32LE(begin + 8);
            frame.serialHigh = input.readUInt32LE(begin + 12);
            if (end - begin >= size) {
                frame.buffer = input;
                frame.begin = begin + HEADER_SIZE;
                frame.end = begin += size;
                return frame;
            }
            if (size > BUFFER_SIZE) {
                const whole = Buffer.allocUnsafeSlow(size);
                let held = input.copy(whole, 0, begin, end);
                begin = end = 0;
                while (held < size)
                    held += read(whole, held);
                frame.buffer = whole;
                frame.begin = HEADER_SIZE;
                frame.end = size;
                return frame;
            }
        }
        if (begin > 0) {
            input.copyWithin(0, begin, end);
            end -= begin;
            begin = 0;
        }
        end += read(input, end);
    }
}

function send(type, low, high, text, flags) {
    let buffer = output, length;
    if (text.length * 3 <= BUFFER_SIZE - HEADER_SIZE) {
        length = output.write(text, HEADER_SIZE);
    } else {
        length = Buffer.byteLength(text);
        buffer = Buffer.allocUnsafeSlow(HEADER_SIZE + length);
        buffer.write(text, HEADER_SIZE);
    }
    buffer.writeUInt32LE(length, 0);
    buffer.writeUInt32LE(type | flags << 8, 4);
    buffer.writeUInt32LE(low, 8);
    buffer.writeUInt32LE(high, 12);
    if (!write(CHANNEL, buffer, HEADER_SIZE + length))
        exit(0);
}

module.exports = {
    CHANNEL, HEADER_SIZE, receive, send, write, exit,
    INIT: 1, INVOKE: 2, BEGIN: 4, ASK_KEPT: 5, HELLO: 16, READY: 17, INIT_ERROR: 18, RESULT: 19, FAILURE: 20, NOTES: 22, KEPT: 23,
    LAST: 1, // flag: the worker ends after this frame
    TOO_LARGE: 2, // flag: the result is left out
};
