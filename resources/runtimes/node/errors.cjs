// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Turns what a user's code threw into what the engine stores.

const MESSAGE_LIMIT = 64 * 1024;
const STACK_LIMIT = 200;
const CHAIN_LIMIT = 10;
const OWN = [`(${__dirname}/`, ` ${__dirname}/`, '(node:internal/', ' node:internal/', '(node:'];

/** An error that the runtime itself tells, by its type's name on AWS Lambda. `stack`: lines to show with it. */
class Fault extends Error {}
function fault(kind, message, stack = []) {
    const error = new Fault(message);
    error.name = `Runtime.${kind}`;
    error.lines = stack;
    return error;
}

function rejection(reason) {
    let text;
    try {
        text = String(reason);
    } catch {
        text = 'a value that cannot be shown';
    }
    return fault('UnhandledPromiseRejection', text, stackOf(reason));
}

function isError(value) {
    return value instanceof Error
        || (value !== null && typeof value === 'object' && typeof value.message === 'string' && typeof value.stack === 'string');
}

function cut(text) {
    return text.length <= MESSAGE_LIMIT ? text : text.slice(0, MESSAGE_LIMIT) + '…';
}

/** The frames as Node prints them, innermost first, without ours and Node's own; causes after them. */
function stackOf(error) {
    const lines = [];
    const seen = new Set();
    for (let depth = 0; isError(error) && !seen.has(error) && depth < CHAIN_LIMIT; ++depth) {
        seen.add(error);
        if (depth > 0)
            lines.push(`Caused by: ${error.name}: ${cut(error.message)}`);
        const frames = String(error.stack).split('\n').filter((line) => /^\s+at /.test(line));
        lines.push(...frames.filter((line) => !OWN.some((own) => line.includes(own))).slice(0, STACK_LIMIT));
        error = error.cause;
    }
    return lines;
}

/** {"type", "message", "stack"}; never throws. */
function describe(error) {
    try {
        if (error instanceof Fault)
            return { type: error.name, message: cut(error.message), stack: error.lines };
        if (isError(error))
            return { type: String(error.name), message: cut(error.message), stack: stackOf(error) };
        return { type: error === null ? 'null' : typeof error, message: cut(String(error)), stack: [] };
    } catch {
        return { type: 'handled', message: 'there was a problem while retrieving the error\'s message, name or stack', stack: [] };
    }
}

module.exports = { describe, fault, rejection, stackOf };
