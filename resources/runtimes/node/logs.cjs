// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// console.* as AWS Lambda writes it: time, request id, level, message, with tabs between. Written at once and straight
// into the pipe: no stream has to be made, and nothing is left behind when the process ends. Where several invocations run
// at once each line of a message begins so: the engine tells by the id whose it is.

let write = () => {};
let requestId = () => undefined;
let eachLine = false;

function line(level, text) {
    const head = `${new Date().toISOString()}\t${requestId()}\t${level}\t`;
    write(`${head}${eachLine ? text.replaceAll('\n', `\n${head}`) : text}\n`);
}

function patch(writer, id, several) {
    write = writer;
    requestId = id;
    eachLine = several;
    const { format } = require('util');
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) {
        const name = level.toUpperCase();
        console[level] = (...parts) => line(name, format(...parts));
    }
    console.log = console.info;
}

/** What ended an invocation: one line with the level, then the stack. */
function error(title, told) {
    line('ERROR', [`${title}\t${told.type}: ${told.message.replaceAll('\n', '\n    ')}`, ...told.stack].join('\n'));
}

module.exports = { patch, error };
