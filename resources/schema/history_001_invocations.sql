-- SPDX-License-Identifier: GPL-3.0-or-later
-- What happened: loses history only when deleted.

-- Names and words that repeat in most rows, once. A column that holds a word holds either its number here or, once
-- this table is full, the text itself.
CREATE TABLE word (key INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE function (key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE revision (
    key INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    function TEXT NOT NULL,
    settings TEXT NOT NULL, -- JSON
    created INTEGER NOT NULL -- µs of Unix time
);

-- Bytes over a few hundred, each content once. Below that the hash and its index would cost more than the bytes.
CREATE TABLE payload (
    key INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE, -- SHA-256
    used INTEGER NOT NULL, -- no invocation with a key above this refers to it
    bytes BLOB NOT NULL
);
CREATE INDEX payload_by_use ON payload (used);

-- The key is the time of acceptance (µs of Unix time << 11, the low bits tell rows of one µs apart): a stretch of time
-- is a stretch of the table, ages off at one end, and each index on another column orders by time for nothing. With
-- the random-looking uuid as the clustered key each row would be found twice as dear by time, which is how they are
-- looked at; its own index grows at its end, since version 7 is ordered too.
-- Columns that hold one of two kinds of value are declared BLOB, the affinity that converts nothing.
CREATE TABLE invocation (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    function INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    start INTEGER NOT NULL,
    worker INTEGER NOT NULL,
    handler INTEGER NOT NULL, -- phases in ns
    queue INTEGER NOT NULL,
    sandbox INTEGER NOT NULL,
    runtime INTEGER NOT NULL,
    init INTEGER NOT NULL,
    respond INTEGER NOT NULL,
    tier INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    trigger BLOB NOT NULL, -- word
    revision INTEGER, -- NULL when there was none
    memory INTEGER NOT NULL,
    cpu INTEGER NOT NULL, -- ns
    log_bytes INTEGER NOT NULL,
    log_cut INTEGER NOT NULL,
    log_first INTEGER NOT NULL, -- its lines are log_line.key log_first … log_first + log_count - 1
    log_count INTEGER NOT NULL,
    event_id BLOB NOT NULL, -- 16 bytes when it is a uuid, else text
    event_time INTEGER NOT NULL, -- µs after acceptance (mostly negative and small)
    source BLOB NOT NULL, -- word
    type BLOB NOT NULL, -- word
    content_type BLOB NOT NULL, -- word
    subject TEXT NOT NULL,
    error TEXT, -- JSON {"type","message","stack"}
    denied TEXT, -- JSON [{"what","target","grant","place"}]
    data BLOB NOT NULL, -- bytes, or the key of a payload
    response BLOB NOT NULL
);
CREATE INDEX invocation_by_function ON invocation (function);
CREATE INDEX invocation_failed ON invocation (key) WHERE outcome NOT IN (0, 8);

-- Appended in the order of recording; the lines of one invocation lie together.
CREATE TABLE log_line (
    key INTEGER PRIMARY KEY,
    invocation INTEGER NOT NULL,
    time INTEGER NOT NULL, -- µs after the invocation's acceptance
    level INTEGER NOT NULL,
    text TEXT NOT NULL
);

-- Kept in the same transaction as the rows it counts.
CREATE TABLE tally (one INTEGER PRIMARY KEY CHECK (one = 1), invocations INTEGER NOT NULL, next_log INTEGER NOT NULL);
INSERT INTO tally VALUES (1, 0, 1);
