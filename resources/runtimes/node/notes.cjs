// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What the user's code reaches for outside its sandbox, so that the engine can say what was refused and where.
//
// Functions of fs, net and the global fetch are wrapped: they are told of each attempt before it is made, also of one
// whose failure the code handles. process.env is a proxy that tells which variables are asked for. It decides nothing.

const fs = require('fs');

const MOST = 48;
const MOST_NAMES = 64; // variables that were asked for in vain, in the whole life of a process
// What a sandbox has anyway, or must not have: told only if it ends the invocation.
const OWN = ['/usr/', '/lib', '/bin/', '/sbin/', '/etc/', '/tmp/', '/proc/', '/dev/', '/sys/', '/opt/kiln/', '/run/',
             `${__dirname}/`, process.execPath.replace(/\/bin\/[^/]*$/, '/')].filter((folder) => folder !== '/');
const LACKING = new Set(['EPERM', 'ENOENT', 'EACCES', 'ENOTDIR', 'EROFS', 'ENETUNREACH', 'EHOSTUNREACH', 'EAI_AGAIN', 'ENOTFOUND']);
const CODE = '/var/task/'; // as the engine knows it

const noted = new Map(); // kind and target: what is told
let notesOf = () => noted; // where what is noted now belongs
let code = CODE;
let granted = []; // paths

function placeIn(stack) {
    for (const line of String(stack).split('\n')) {
        const at = line.indexOf(code);
        const found = at < 0 ? null : /^([^:()]*):(\d+)/.exec(line.slice(at + code.length));
        if (found)
            return `${found[1]}:${found[2]}`;
    }
    return '';
}

function here() {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 40;
    const place = placeIn(new Error().stack);
    Error.stackTraceLimit = limit;
    return place;
}

function note(kind, target, place) {
    const key = `${kind} ${target}`;
    const now = notesOf();
    if (now.size < MOST && !now.has(key))
        now.set(key, { kind, target, place: place ?? here() });
}

function pathText(path) {
    if (path instanceof URL)
        path = path.protocol === 'file:' ? decodeURIComponent(path.pathname) : '';
    if (Buffer.isBuffer(path))
        path = path.toString();
    if (typeof path !== 'string' || path === '')
        return '';
    if (path[0] !== '/') {
        const folder = `${process.cwd()}/`;
        if (folder === code)
            return path;
        path = folder + path;
    }
    return path.startsWith(code) ? CODE + path.slice(code.length) : path;
}

const isOwn = (path) => OWN.some((folder) => path.startsWith(folder)) && !granted.some((each) => path.startsWith(each));

function reach(kind, path) {
    if (typeof path === 'string' && kind === 'read' && path.startsWith(code) && !path.includes('/../'))
        return;
    const text = pathText(path);
    if (kind === 'read' && text.startsWith(CODE) && !text.includes('/../'))
        return; // its own, by a URL
    if (text !== '' && (kind === 'write' || text[0] === '/' || text.includes('..')) && !isOwn(`${text}/`))
        note(kind, text);
}

const writes = (flags) => (typeof flags === 'number' ? (flags & 3) !== 0 || (flags & fs.constants.O_CREAT) !== 0
                                                     : typeof flags === 'string' && /[wa+]/.test(flags));
const flagged = (given) => (writes(given !== null && typeof given === 'object' ? given.flags ?? given.flag : given) ? 'write' : 'read');

/** A function that tells of its first argument, and is the original in all else. */
function wrap(holder, name, kindOf) {
    const original = holder[name];
    if (typeof original !== 'function')
        return;
    const wrapped = function (...given) {
        try {
            reach(kindOf(given[1]), given[0]);
        } catch {
            // a note is lost; the user's call must not be
        }
        return original.apply(this, given);
    };
    Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
    holder[name] = wrapped;
}

const read = () => 'read', write = () => 'write';
const FILES = [['open', flagged], ['readFile', read], ['writeFile', write], ['appendFile', write], ['readdir', read],
               ['opendir', read], ['mkdir', write], ['rm', write], ['unlink', write]];

let filesWatched = false, promisesWatched = false;

/** Before anything imports `fs` as an ES module, which copies what is exported then. */
function watchFiles() {
    if (filesWatched)
        return;
    filesWatched = true;
    for (const [name, kindOf] of FILES) {
        wrap(fs, name, kindOf);
        wrap(fs, `${name}Sync`, kindOf);
    }
    const { get, ...rest } = Object.getOwnPropertyDescriptor(fs, 'promises');
    Object.defineProperty(fs, 'promises', { ...rest, get() { watchPromises(get.call(fs)); return get.call(fs); } });
}

/** `require('fs/promises')` does not ask `fs` for them. */
function watchRequire() {
    const Module = require('module');
    const { _load } = Module;
    Module._load = function (request, ...rest) {
        if (request === 'fs/promises' || request === 'node:fs/promises')
            watchPromises(fs.promises);
        return _load.call(this, request, ...rest);
    };
}

/** Once something has asked for them: making them would be a good part of a cold start. */
function watchPromises(promises) {
    if (promisesWatched)
        return;
    promisesWatched = true;
    for (const [name, kindOf] of FILES)
        wrap(promises, name, kindOf);
}

function connects(host, port) {
    if (typeof host === 'string' && host !== '' && port > 0)
        note('connect', host.includes(':') && host[0] !== '[' ? `[${host}]:${port}` : `${host}:${port}`);
}

function watchFetch() {
    const original = globalThis.fetch;
    if (typeof original !== 'function')
        return;
    const wrapped = function fetch(input, init = undefined) {
        try {
            const url = new URL(typeof input === 'string' ? input : input?.url ?? input);
            connects(url.hostname, Number(url.port) || (url.protocol === 'http:' ? 80 : 443));
        } catch {
            // fetch itself says what is wrong with it
        }
        return original.call(this, input, init);
    };
    Object.defineProperty(globalThis, 'fetch', { ...Object.getOwnPropertyDescriptor(globalThis, 'fetch'), value: wrapped });
}

let netWatched = false;

/** Sockets, once something has loaded them: loading them would be a good part of a cold start. */
function watchSockets() {
    if (netWatched || !process.moduleLoadList.includes('NativeModule net'))
        return;
    netWatched = true;
    const { Socket } = require('net');
    const { connect } = Socket.prototype;
    Socket.prototype.connect = function (...given) {
        try {
            const first = Array.isArray(given[0]) ? given[0][0] : given[0];
            if (first !== null && typeof first === 'object')
                connects(first.path ? '' : first.host ?? 'localhost', Number(first.port));
            else if (Number(first) > 0)
                connects(typeof given[1] === 'string' ? given[1] : 'localhost', Number(first));
        } catch {
            // as above
        }
        return connect.apply(this, given);
    };
}

/** Tells once in the life of a process which variables are asked for; also a program that is started asks for all. */
function watchVariables(names) {
    const given = new Set(names), asked = new Set();
    const tell = (name) => {
        asked.add(name);
        noted.set(`variable ${name}`, { kind: 'variable', target: name, place: here() });
    };
    process.env = new Proxy(process.env, {
        get(variables, name) {
            const value = variables[name];
            if (typeof name === 'string' && name !== '' && !asked.has(name) &&
                (given.has(name) || (value === undefined && asked.size < MOST_NAMES + given.size)))
                tell(name);
            return value;
        },
        set(variables, name, value) { // the usual way would define a property, which is refused
            variables[name] = value;
            return true;
        },
    });
}

/** All that takes time; by `watch`, if not before. */
exports.prepare = () => {
    if (filesWatched)
        return;
    watchFiles();
    watchRequire();
    if (Object.getOwnPropertyDescriptor(globalThis, 'fetch')?.writable)
        watchFetch();
    watchSockets();
};

/** Before the user's module is loaded from this folder; `files` and `variables` are those that the function was granted. */
exports.watch = (folder, { files, variables }) => {
    code = folder.endsWith('/') ? folder : `${folder}/`;
    granted = files;
    exports.prepare();
    watchVariables(variables);
};

/** Before an ES module is imported: it copies what is exported then, and the import makes fs/promises anyway. */
exports.watchImports = () => watchPromises(fs.promises);

/** After it. */
exports.watchMore = watchSockets;

/** Notes an error that ended the invocation, if the sandbox may be the reason: also what no wrapper sees. */
exports.failed = (error, depth = 0) => {
    if (error === null || typeof error !== 'object' || depth > 8)
        return;
    if (LACKING.has(error.code)) {
        const now = [...notesOf().values()];
        const known = (target) => now.some((one) => one.target === target);
        if (typeof error.path === 'string') {
            const target = pathText(error.path);
            if (target !== '' && !known(target))
                note(error.code === 'EROFS' ? 'write' : 'read', target, placeIn(error.stack));
        } else if (error.syscall === 'connect' && error.address && !known(`${error.address}:${error.port}`)) {
            connects(error.address, error.port);
        } else if (error.syscall === 'getaddrinfo' && !now.some((one) => one.target.startsWith(`${error.hostname}:`))) {
            connects(error.hostname, 443); // the error does not tell
        }
    }
    exports.failed(error.cause, depth + 1);
    for (const one of Array.isArray(error.errors) ? error.errors.slice(0, 8) : [])
        exports.failed(one, depth + 1);
};

/** From now on notes belong to the invocation that `current` tells, and only otherwise to all. */
exports.perCall = (current) => {
    notesOf = () => {
        const invocation = current();
        return invocation === undefined || invocation.done ? noted : invocation.noted ??= new Map();
    };
};

/** What was noted since the last call, of one invocation or of all, as the engine reads it; an empty text for nothing. */
exports.take = (of = noted) => {
    if (of.size === 0)
        return '';
    const text = JSON.stringify([...of.values()]);
    of.clear();
    return text;
};
