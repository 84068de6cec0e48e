-- SPDX-License-Identifier: GPL-3.0-or-later
-- What was seen of the use of functions' permissions, added up: it outlives the invocations that it was seen in.

CREATE TABLE grant_use (
    function INTEGER NOT NULL,
    permission TEXT NOT NULL, -- "network:all", "environment:NAME"; '' for the function itself
    least TEXT NOT NULL, -- what would have done: "network:example.com:443"; '' for the permission as a whole
    seen INTEGER NOT NULL, -- invocations that had it; of what is whole
    used INTEGER NOT NULL,
    last INTEGER NOT NULL, -- µs of Unix time; 0 for never
    PRIMARY KEY (function, permission, least)
) WITHOUT ROWID;
