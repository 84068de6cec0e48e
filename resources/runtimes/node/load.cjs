// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Finds the user's function, by AWS Lambda's rules: "dir/file.export", "file.nested.export"; .js, .mjs, .cjs.

const { readFileSync, statSync } = require('fs');
const path = require('path');
const { fault, stackOf } = require('./errors.cjs');

/** Whether the nearest package.json above says that .js files are ES modules. */
function saysModule(folder) {
    for (; !folder.endsWith('/node_modules'); folder = path.dirname(folder)) {
        let text;
        try {
            text = readFileSync(path.join(folder, 'package.json'), 'utf8');
        } catch {
            if (folder === '/')
                return false;
            continue;
        }
        try {
            return JSON.parse(text)?.type === 'module';
        } catch (error) {
            console.warn(`${folder}/package.json cannot be read, it is ignored: ${error.message}`);
            return false;
        }
    }
    return false;
}

function findModule(code, folder, name) {
    const base = path.resolve(code, folder, name);
    const module = saysModule(path.dirname(base));
    const kinds = [['', false], ['.js', module], ['.mjs', true], ['.cjs', false]];
    for (const [extension, isModule] of kinds) {
        if (statSync(base + extension, { throwIfNoEntry: false })?.isFile())
            return { file: base + extension, isModule };
    }
    return { file: require.resolve(name, { paths: [code, path.resolve(code, folder)] }), isModule: false };
}

/** "/var/task/index.js:3" and the marked source, as Node prints them before a SyntaxError. */
function syntaxPlace(text) {
    const lines = String(text).split('\n');
    const end = lines.findIndex((line) => line.startsWith('SyntaxError'));
    return lines.slice(0, Math.max(0, end)).filter((line) => line.trim() !== '').map((line) => line.replace(/^file:\/\//, ''));
}

/** Node keeps the place of an ES module's error to itself, but prints it. */
function askPlace(file) {
    const { spawnSync } = require('child_process');
    const options = { encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'ignore', 'pipe'] };
    return syntaxPlace(spawnSync(process.execPath, ['--check', file], options).stderr ?? '');
}

function explain(error, file, isModule) {
    if (error instanceof SyntaxError) {
        let place = syntaxPlace(error.stack);
        if (place.length === 0 && isModule)
            place = askPlace(file);
        return fault('UserCodeSyntaxError', `SyntaxError: ${error.message}`, place);
    }
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND')
        return fault('ImportModuleError', `Error: ${error.message}`, stackOf(error));
    return error;
}

async function load(code, handler) {
    if (handler.includes('..'))
        throw fault('MalformedHandlerName', `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
    const base = path.basename(handler);
    const folder = handler.slice(0, handler.length - base.length);
    const match = /^([^.]*)\.(.*)$/.exec(base);
    if (!match)
        throw fault('MalformedHandlerName', 'Bad handler');
    let module, file, isModule;
    try {
        ({ file, isModule } = findModule(code, folder, match[1]));
        if (isModule)
            require('./notes.cjs').watchImports();
        module = isModule ? await import(file) : require(file);
    } catch (error) {
        throw explain(error, file, isModule);
    }
    const found = match[2].split('.').reduce((nested, key) => nested && nested[key], module);
    if (!found)
        throw fault('HandlerNotFound', `${handler} is undefined or not exported`);
    if (typeof found !== 'function')
        throw fault('HandlerNotFound', `${handler} is not a function`);
    return found;
}

module.exports = { load };
