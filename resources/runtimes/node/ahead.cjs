// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Run only by a process that waits for its function: what most handlers need, while nobody waits for it.

/** Resolves once it is there. */
exports.prepare = async () => {
    for (const name of ['./load.cjs', './logs.cjs', 'crypto', 'events', 'fs/promises', 'http', 'https', 'path', 'querystring',
                        'stream', 'url', 'util', 'zlib'])
        require(name);
    await import('data:text/javascript,'); // the loader of ES modules is made for the first one
};
