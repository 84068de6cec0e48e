// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What the handler's module keeps in its variables: what the next invocation in this process finds. Told by V8's own
// inspector, inside this process: a module's variables can be reached in no other way. Those that no function uses are
// gone by then, and are not told.

const MOST = 64, MOST_TEXT = 100;

const cut = (text) => text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;

/** Never runs code of the user's. */
function textOf({ type, subtype, className, value, unserializableValue, description }) {
    if (type === 'string')
        return cut(JSON.stringify(value.slice(0, MOST_TEXT)));
    if (type === 'undefined' || subtype === 'null')
        return subtype ?? type;
    if (type !== 'object')
        return cut(unserializableValue ?? String(value ?? description));
    return cut(subtype === 'error' ? className : description ?? className);
}

/** What a module is made of, rather than what it keeps. */
const hasNoState = ({ name, value }) => value === undefined || value.type === 'function' || name === 'this' ||
    ['Module', 'Object [Module]'].includes(value.description);

/** As the engine reads it. */
exports.variables = (handler) => {
    const { Session } = require('inspector');
    const session = new Session();
    session.connect();
    const ask = (method, parameters) => {
        let answer; // it comes before this returns
        session.post(method, parameters, (error, result) => { answer = error ? undefined : result; });
        return answer ?? {};
    };
    const propertiesOf = (object) => ask('Runtime.getProperties', { objectId: object?.objectId, ownProperties: true });
    const seen = new Set(), variables = [];
    let more = 0;
    const hidden = Symbol.for('kiln.handler');
    try {
        Object.defineProperty(globalThis, hidden, { value: handler, configurable: true });
        const found = ask('Runtime.evaluate', { expression: "globalThis[Symbol.for('kiln.handler')]" });
        const internal = propertiesOf(found.result).internalProperties ?? [];
        const scopes = propertiesOf(internal.find(({ name }) => name === '[[Scopes]]')?.value).result ?? [];
        for (const scope of scopes.filter(({ value }) => value?.description !== 'Global')) {
            for (const each of propertiesOf(scope.value).result ?? []) {
                if (seen.has(each.name) || hasNoState(each))
                    continue;
                seen.add(each.name);
                if (variables.length === MOST)
                    more++;
                else
                    variables.push([each.name, textOf(each.value)]);
            }
        }
    } finally {
        delete globalThis[hidden];
        session.disconnect();
    }
    return { variables, more };
};
