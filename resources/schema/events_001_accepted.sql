-- SPDX-License-Identifier: GPL-3.0-or-later
-- What was promised: user data, never deleted without asking.

-- Accepted and not yet finished.
CREATE TABLE event (
    key INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of acceptance
    function TEXT NOT NULL,
    id TEXT NOT NULL,
    trigger TEXT NOT NULL,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    content_type TEXT NOT NULL,
    time INTEGER NOT NULL, -- µs of Unix time, as all times here
    accepted INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, -- begun
    next_at INTEGER, -- NULL: as soon as possible
    cause TEXT NOT NULL DEFAULT '', -- of the last failure
    data BLOB NOT NULL,
    UNIQUE (function, id)
);

-- Given up on; kept until the user sends them again or discards them.
CREATE TABLE dead_letter (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    function TEXT NOT NULL,
    id TEXT NOT NULL,
    trigger TEXT NOT NULL,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    content_type TEXT NOT NULL,
    time INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    died INTEGER NOT NULL,
    cause TEXT NOT NULL,
    outcome INTEGER, -- of the last attempt; NULL when there was none
    data BLOB NOT NULL,
    UNIQUE (function, id)
);

-- Up to which time a schedule's ticks have been accepted.
CREATE TABLE schedule_mark (
    function TEXT NOT NULL,
    expression TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (function, expression)
) WITHOUT ROWID;
