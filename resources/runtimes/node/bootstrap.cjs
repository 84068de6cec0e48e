// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Runs a user's handler inside a sandbox and talks to the engine over descriptor 3 (core/runtime/frames.h).
//
// The channel is read with blocking calls while no invocation is under way: that is faster than the event loop, and
// it stands for AWS Lambda's freeze: timers and sockets that a handler left behind go on only during the next
// invocation. The rest is beside this file.

const { INIT, INVOKE, BEGIN, ASK_KEPT, HELLO, READY, INIT_ERROR, RESULT, FAILURE, NOTES, KEPT, LAST, receive, send, write, exit } = require('./channel.cjs');
const { drained } = require('./output.cjs');
const notes = require('./notes.cjs');
const { makeContext, addCallerContext, describe } = require('./context.cjs');

const HEAD_SIZE = 48; // of an Invoke's body
const EXIT_REJECTION = 128, EXIT_EXCEPTION = 129; // as AWS Lambda's runtime

// What the user's code may replace, kept from before it runs.
const { parse, stringify } = JSON;
const later = setImmediate;

// --- invocations ---------------------------------------------------------------------------------------------------

let handler = null;
let current = null; // the invocation under way
let eventLoopEmpty = null; // what to do when nothing is left that could settle it

class Invocation {
    constructor({ buffer, begin: from, serialLow, serialHigh }) {
        this.low = serialLow;
        this.high = serialHigh;
        this.deadline = buffer.readUInt32LE(from) + buffer.readUInt32LE(from + 4) * 2 ** 32;
        this.id = buffer.toString('latin1', from + 8, from + 44);
        this.done = false;
    }

    /** Whether this call is the one that ends it. */
    end() {
        if (this.done) {
            console.error('Invocation has already been reported as done. Cannot call complete more than once per invocation.');
            return false;
        }
        this.done = true;
        eventLoopEmpty = null;
        return true;
    }

    succeed(result) {
        if (this.done)
            return void this.end();
        let text;
        try {
            text = stringify(result === undefined ? null : result) ?? 'null';
        } catch (error) {
            const { fault } = require('./errors.cjs');
            return this.fail(fault('MarshalError', `Unable to stringify response body: ${error.message}`));
        }
        this.end();
        this.answer(RESULT, text);
    }

    fail(error, title = 'Invoke Error') {
        if (this.end())
            this.answer(FAILURE, tell(title, error));
    }

    answer(type, text) {
        drained(() => {
            sendNotes(this.low, this.high);
            send(type, this.low, this.high, text, 0);
            current = null;
            later(next);
        });
    }
}

/** Logs an error as AWS Lambda does; the JSON for the engine. */
function tell(title, error) {
    const told = require('./errors.cjs').describe(error);
    try {
        notes.failed(error);
    } catch {
        // an error with traps in it: what there is of it is told below
    }
    require('./logs.cjs').error(title, told);
    return stringify(told);
}

/** What the code reached for outside, before the answer that it belongs to. */
function sendNotes(low, high) {
    const text = notes.take();
    if (text !== '')
        send(NOTES, low, high, text, 0);
}

function refuse(type, expected) {
    const line = Buffer.from(`kiln: expected ${expected} frame, got type ${type}\n`);
    write(1, line, line.length);
    exit(1);
}

function next() {
    let frame = receive();
    for (; frame.type === ASK_KEPT; frame = receive()) // nothing else of the user's runs meanwhile
        send(KEPT, 0, 0, stringify(require('./kept.cjs').variables(handler)), 0);
    if (frame.type !== INVOKE)
        return refuse(frame.type, 'an Invoke');
    const invocation = new Invocation(frame);
    current = invocation;
    const { buffer, begin: from, end: to } = frame;
    const contextSize = buffer.readUInt32LE(from + 44);
    const context = makeContext(invocation);
    let event;
    try {
        if (contextSize > 0)
            addCallerContext(context, parse(buffer.toString('utf8', from + HEAD_SIZE, from + HEAD_SIZE + contextSize)));
        event = parse(buffer.toString('utf8', from + HEAD_SIZE + contextSize, to));
    } catch (error) {
        const { fault } = require('./errors.cjs');
        return invocation.fail(fault('UnmarshalError', `Unable to unmarshal input: ${error.message}`));
    }
    const callback = (error, result) => {
        if (error !== undefined && error !== null)
            invocation.fail(error);
        else if (!context.callbackWaitsForEmptyEventLoop || invocation.done)
            invocation.succeed(result);
        else
            eventLoopEmpty = () => invocation.succeed(result);
    };
    eventLoopEmpty = () => invocation.succeed(null); // callback style that never called back
    try {
        const result = handler(event, context, callback);
        if (typeof result?.then === 'function') {
            eventLoopEmpty = () => {
                const { fault } = require('./errors.cjs');
                invocation.fail(fault('NodeJsExit', 'The event loop is empty, but the handler\'s promise was never settled'));
            };
            result.then((value) => invocation.succeed(value), (error) => invocation.fail(error));
        }
    } catch (error) {
        invocation.fail(error);
    }
}

// --- life ----------------------------------------------------------------------------------------------------------

/** The end of this process: what nobody caught is told as the invocation's, or the init's, error. */
function die(title, error, code) {
    const text = tell(title, error);
    drained(() => {
        if (handler === null || (current !== null && !current.done))
            sendNotes(current?.low ?? 0, current?.high ?? 0);
        if (handler === null)
            send(INIT_ERROR, 0, 0, text, LAST);
        else if (current !== null && !current.done)
            send(FAILURE, current.low, current.high, text, LAST);
        exit(code);
    });
}

process.on('uncaughtException', (error) => die('Uncaught Exception', error, EXIT_EXCEPTION));
process.on('unhandledRejection', (reason) => {
    const { rejection } = require('./errors.cjs');
    die('Unhandled Promise Rejection', rejection(reason), EXIT_REJECTION);
});
process.on('beforeExit', () => {
    const then = eventLoopEmpty;
    eventLoopEmpty = null;
    if (then !== null)
        later(then);
});

async function start() {
    const waited = process.env.KILN_PARKED !== undefined;
    if (waited) {
        delete process.env.KILN_PARKED;
        await require('./ahead.cjs').prepare();
    }
    send(HELLO, 0, 0, '', 0);
    const frame = receive();
    if (frame.type !== INIT)
        return refuse(frame.type, 'an Init');
    const init = parse(frame.buffer.toString('utf8', frame.begin, frame.end));
    for (const [name, value] of Object.entries(init.environment))
        process.env[name] = value;
    describe(init.context);
    if (init.source_maps)
        process.setSourceMapsEnabled(true);
    require('./logs.cjs').patch((text) => { const bytes = Buffer.from(text); write(1, bytes, bytes.length); },
                                () => current?.id);
    eventLoopEmpty = () => {
        const { fault } = require('./errors.cjs');
        die('Init Error', fault('NodeJsExit', 'The event loop is empty, but the module\'s top-level await never ended'), 13);
    };
    try {
        const { load } = require('./load.cjs');
        notes.watch(init.code, init.watch);
        if (waited && receive().type !== BEGIN) // its code is being attached
            return refuse(frame.type, 'a Begin');
        process.chdir(init.code);
        handler = await load(init.code, init.handler);
    } catch (error) {
        return die('Init Error', error, 1);
    }
    eventLoopEmpty = null;
    notes.watchMore();
    drained(() => {
        sendNotes(0, 0);
        send(READY, 0, 0, '', 0);
        later(next);
    });
}

start();
