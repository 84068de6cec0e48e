// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Run only by a process that waits for its function: what most handlers need is loaded, and what a start does is done
// once, while nobody waits for it. Leaves no trace, but for what it has warmed.

const fs = require('fs');

const PLACE = '/tmp', NAME = 'kiln_rehearsal';
const COMMON = `const fs = require('fs');\nexports.handler = async (event, context) => ({ event, id: context.awsRequestId });\n`;
const MODULE = `import fs from 'fs';\nexport const handler = async (event) => ({ event });\n`;

/** A handler as users write them, found and called as theirs will be. */
async function rehearse(extension, text) {
    const { load } = require('./load.cjs');
    const { makeContext, describe } = require('./context.cjs');
    const file = `${PLACE}/${NAME}${extension}`;
    try {
        fs.writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    } catch {
        return; // no /tmp to write to
    }
    try {
        describe({});
        const handler = await load(PLACE, `${NAME}.handler`);
        const invocation = { id: 'x', deadline: 0, succeed() {}, fail() {} };
        const event = JSON.parse('{"text": "x", "list": [1, 2.5, null, true], "object": {"key": "é"}}');
        JSON.stringify(await handler(event, makeContext(invocation)));
    } finally {
        fs.unlinkSync(file);
        delete require.cache[file];
    }
}

/** Resolves once it is done. */
exports.prepare = async () => {
    for (const name of ['./load.cjs', './logs.cjs', 'crypto', 'events', 'fs/promises', 'http', 'https', 'path', 'querystring',
                        'stream', 'url', 'util', 'zlib'])
        require(name);
    const notes = require('./notes.cjs');
    notes.prepare(); // before any ES module is imported, which copies what is exported then
    notes.watchImports();
    for (let i = 0; i < 3; ++i)
        await rehearse('.js', COMMON);
    await rehearse('.mjs', MODULE);
    require('util').format('%s %j', 'x', { x: 1 });
};
