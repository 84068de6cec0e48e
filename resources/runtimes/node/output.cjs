// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// When what was written to process.stdout and process.stderr is in the pipe.

// process.stdout and process.stderr become streams when first touched; only then is there something to wait for.
const touched = [];
for (const name of ['stdout', 'stderr']) {
    const { get } = Object.getOwnPropertyDescriptor(process, name);
    let seen = false;
    Object.defineProperty(process, name, {
        configurable: true,
        enumerable: true,
        get() {
            const stream = get.call(process);
            if (!seen) {
                seen = true;
                touched.push(stream);
            }
            return stream;
        },
    });
}

/** Calls `then` once all that was written to the streams is in the pipe. */
function drained(then) {
    if (touched.length === 0)
        return then();
    let waiting = 1;
    const one = () => {
        if (--waiting === 0)
            then();
    };
    for (const stream of touched) {
        if (stream.writableLength > 0 && !stream.destroyed) {
            ++waiting;
            stream.write('', one);
        }
    }
    one();
}

module.exports = { drained };
