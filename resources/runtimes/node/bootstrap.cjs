// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Runs a user's handler inside a sandbox and talks to the engine over descriptor 3 (core/runtime/frames.h).
//
// The channel is read with blocking calls while no invocation is under way: that is faster than the event loop, and
// it stands for AWS Lambda's freeze: timers and sockets that a handler left behind go on only during the next
// invocation. Where several invocations may run at once, many.cjs reads it with the event loop instead. The rest is
// beside this file.

const { INIT, INVOKE, BEGIN, ASK_KEPT, HELLO, READY, INIT_ERROR, RESULT, FAILURE, NOTES, KEPT, LAST, TOO_LARGE, receive, send, write, exit } = require('./channel.cjs');
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
let current = null; // the invocation under way, where there is only one
let many = null; // many.cjs, where there may be several
let loadingEmpty = null; // what to do when nothing is left that could end the loading of the module
let resultLimit = Infinity; // bytes; the engine looks at it itself where nobody else is hurt by one that is far too large

/** Those under way. */
const running = () => (many !== null ? many.running() : current !== null ? [current] : []);

class Invocation {
    constructor({ buffer, begin: from, serialLow, serialHigh }) {
        this.low = serialLow;
        this.high = serialHigh;
        this.deadline = buffer.readUInt32LE(from) + buffer.readUInt32LE(from + 4) * 2 ** 32;
        this.id = buffer.toString('latin1', from + 8, from + 44);
        this.done = false;
        this.whenEmpty = null; // what to do when nothing is left that could settle it
        this.noted = null; // what it reached for, where that is known of each
    }

    /** Whether this call is the one that ends it. */
    end() {
        if (this.done) {
            console.error('Invocation has already been reported as done. Cannot call complete more than once per invocation.');
            return false;
        }
        this.done = true;
        this.whenEmpty = null;
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
            sendNotes(this);
            if (type === RESULT && text.length * 3 > resultLimit && Buffer.byteLength(text) > resultLimit)
                send(type, this.low, this.high, '', TOO_LARGE);
            else
                send(type, this.low, this.high, text, 0);
            if (many !== null)
                return many.over(this);
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
function sendNotes(invocation) {
    for (const text of [notes.take(), invocation?.noted ? notes.take(invocation.noted) : '']) {
        if (text !== '')
            send(NOTES, invocation?.low ?? 0, invocation?.high ?? 0, text, 0);
    }
}

function refuse(type, expected) {
    const line = Buffer.from(`kiln: expected ${expected} frame, got type ${type}\n`);
    write(1, line, line.length);
    exit(1);
}

/** What the module keeps in its variables. */
function tellKept() {
    send(KEPT, 0, 0, stringify(require('./kept.cjs').variables(handler)), 0);
}

function next() {
    let frame = receive();
    for (; frame.type === ASK_KEPT; frame = receive()) // nothing else of the user's runs meanwhile
        tellKept();
    if (frame.type !== INVOKE)
        return refuse(frame.type, 'an Invoke');
    current = new Invocation(frame);
    begin(current, frame);
}

/** The frame is of no use afterwards. */
function begin(invocation, frame) {
    const { buffer, begin: from, end: to } = frame;
    const contextSize = buffer.readUInt32LE(from + 44);
    const context = makeContext(invocation);
    let event;
    try {
        if (contextSize > 0) {
            const sent = parse(buffer.toString('utf8', from + HEAD_SIZE, from + HEAD_SIZE + contextSize));
            addCallerContext(context, sent);
            if (typeof sent.trace_id === 'string' && many === null) // a variable is the whole process'
                process.env._X_AMZN_TRACE_ID = sent.trace_id;
        }
        event = parse(buffer.toString('utf8', from + HEAD_SIZE + contextSize, to));
    } catch (error) {
        const { fault } = require('./errors.cjs');
        return invocation.fail(fault('UnmarshalError', `Unable to unmarshal input: ${error.message}`));
    }
    const callback = (error, result) => {
        if (error !== undefined && error !== null)
            invocation.fail(error);
        else if (!context.callbackWaitsForEmptyEventLoop || invocation.done || many !== null) // others keep the loop busy
            invocation.succeed(result);
        else
            invocation.whenEmpty = () => invocation.succeed(result);
    };
    invocation.whenEmpty = () => invocation.succeed(null); // callback style that never called back
    try {
        const result = handler(event, context, callback);
        if (typeof result?.then === 'function') {
            invocation.whenEmpty = () => {
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

/** The end of this process: what nobody caught is told as the error of each invocation, or of the init. */
function die(title, error, code) {
    const text = tell(title, error);
    drained(() => {
        if (handler === null) {
            sendNotes(null);
            send(INIT_ERROR, 0, 0, text, LAST);
        }
        for (const invocation of running()) {
            if (invocation.done)
                continue;
            sendNotes(invocation);
            send(FAILURE, invocation.low, invocation.high, text, LAST);
        }
        exit(code);
    });
}

process.on('uncaughtException', (error) => die('Uncaught Exception', error, EXIT_EXCEPTION));
process.on('unhandledRejection', (reason) => {
    const { rejection } = require('./errors.cjs');
    die('Unhandled Promise Rejection', rejection(reason), EXIT_REJECTION);
});
process.on('beforeExit', () => {
    for (const waiting of [loadingEmpty, ...running().map((invocation) => invocation.whenEmpty)]) {
        if (waiting !== null)
            later(waiting);
    }
    loadingEmpty = null;
    for (const invocation of running())
        invocation.whenEmpty = null;
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
    if (init.per_worker > 1) {
        many = require('./many.cjs');
        resultLimit = init.response_bytes;
        notes.perCall(many.current);
    }
    require('./logs.cjs').patch((text) => { const bytes = Buffer.from(text); write(1, bytes, bytes.length); },
                                () => (many !== null ? many.current() : current)?.id, many !== null);
    loadingEmpty = () => {
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
    loadingEmpty = null;
    notes.watchMore();
    drained(() => {
        sendNotes(null);
        send(READY, 0, 0, '', 0);
        if (many !== null)
            many.serve({ refuse, tellKept, make: (frame) => new Invocation(frame), begin });
        else
            later(next);
    });
}

start();
