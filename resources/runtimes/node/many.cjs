// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Several invocations at once: the channel is read with the event loop, which goes on while none is under way, and each
// invocation is found again in whatever its handler waits for by AsyncLocalStorage.
//
// Reading does not keep the loop alive while invocations run, so that an empty loop is noticed as with one: then nothing
// can settle those that are left. Node makes the channel non-blocking; what is sent waits for room (write in channel.cjs).

const { AsyncLocalStorage } = require('async_hooks');
const { Socket } = require('net');
const { ASK_KEPT, CHANNEL, HEADER_SIZE, INVOKE, exit } = require('./channel.cjs');

const storage = new AsyncLocalStorage();
const underWay = new Set();
let socket = null;

/** Cuts what comes into frames; `take` has each until it returns. */
function frames(take) {
    const head = Buffer.allocUnsafeSlow(HEADER_SIZE);
    let part = head, held = 0; // of a frame that has not come whole: first its header, then all of it
    const told = (buffer, begin, end) => take({
        type: buffer[begin + 4], serialLow: buffer.readUInt32LE(begin + 8), serialHigh: buffer.readUInt32LE(begin + 12),
        buffer, begin: begin + HEADER_SIZE, end,
    });
    const sizeAt = (buffer, begin) => HEADER_SIZE + buffer.readUInt32LE(begin);
    return (bytes) => {
        for (let at = 0; at < bytes.length;) {
            const left = bytes.length - at;
            if (held === 0 && left >= HEADER_SIZE && left >= sizeAt(bytes, at)) {
                const end = at + sizeAt(bytes, at);
                told(bytes, at, end);
                at = end;
                continue;
            }
            const count = bytes.copy(part, held, at, at + Math.min(left, part.length - held));
            at += count;
            held += count;
            if (held === HEADER_SIZE && part === head) {
                part = Buffer.allocUnsafeSlow(sizeAt(head, 0));
                head.copy(part);
            }
            if (held === part.length && part !== head) {
                const whole = part;
                part = head;
                held = 0;
                told(whole, 0, whole.length);
            }
        }
    };
}

/** Reads the channel from now on. `make` makes an invocation of a frame, `begin` calls the handler. */
exports.serve = ({ refuse, tellKept, make, begin }) => {
    socket = new Socket({ fd: CHANNEL, readable: true, writable: false });
    for (const end of ['end', 'error', 'close'])
        socket.on(end, () => exit(0)); // the engine is gone
    socket.on('data', frames((frame) => {
        if (frame.type === ASK_KEPT)
            return tellKept();
        if (frame.type !== INVOKE)
            return refuse(frame.type, 'an Invoke');
        const invocation = make(frame);
        underWay.add(invocation);
        if (underWay.size === 1)
            socket.unref();
        storage.run(invocation, begin, invocation, frame);
    }));
};

/** It is answered. */
exports.over = (invocation) => {
    underWay.delete(invocation);
    if (underWay.size === 0)
        socket.ref();
};

exports.current = () => storage.getStore();
exports.running = () => [...underWay];
