// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/project/fuzz_workspace_yaml.h"

#include <QTest>

#include <random>
#include <string>
#include <vector>

namespace {

const std::vector<std::string> seeds{
    "runtime: python\nhandler: a.b\nconcurrency: {max: 3, queue: 5}\ntriggers:\n  - http: POST /a/{id}\n  - url: "
    "{auth: "
    "none}\n  - schedule: \"0 2 * * *\"   # at night\n    timezone: Europe/Berlin\nretries: 2\n",
    "# comment\r\nruntime: node@20\r\nhandler: 'a.b'\r\nconcurrency:\r\n  max: 3\r\ntriggers: [{http: \"GET /a\"}, "
    "{url: "
    "}]\r\nenvironment:\r\n  TEXT: |\r\n    one\r\n    two\r\n  MORE: >-\r\n    three\r\n",
    "{runtime: python, handler: a.b, triggers: [], environment: {A: 'it''s', B: \"\\u00e4\\n\"}}",
    "name: shop\nlisten: 127.0.0.1:7070\n",
};

const std::vector<std::string> pieces{
    ":",         " ",      "\n",       "\r\n",
    "- ",        "# ",     "[",        "]",
    "{",         "}",      ",",        "\"",
    "'",         "|",      ">",        "&a",
    "*a",        "!",      "%",        "@",
    "`",         "? ",     "--- ",     "...",
    "~",         "null",   "\t",       "\0",
    "\\",        "\xff",   "\xC3\xA4", "\xEF\xBB\xBF",
    "triggers:", "max: 1", "  ",       "concurrency:",
    "{a, b}",    "<<: ",   "\x04",     "0x1",
    "1e9",
};

} // namespace

class tst_WorkspaceFuzz : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mutatedFilesNeverBreakAPromise()
    {
        // The seed is fixed: a failure can be run again.
        std::mt19937 random(20260301);
        const auto below = [&](std::size_t n) { return std::size_t(random() % n); };
        for (int round = 0; round < 5'000; ++round) {
            std::string text = seeds[below(seeds.size())];
            for (std::size_t mutations = 1 + below(6); mutations > 0; --mutations) {
                const std::size_t at = below(text.size() + 1);
                switch (below(5)) {
                case 0: text.insert(at, pieces[below(pieces.size())]); break;
                case 1: text.erase(at, below(8)); break;
                case 2: text.insert(at, 1, char(random())); break;
                case 3: text.insert(at, text.substr(below(text.size() + 1), below(40))); break;
                case 4: text.resize(at); break;
                }
            }
            kiln::test::fuzzWorkspaceYaml(text);
        }
    }

    void bombsEndSoon()
    {
        for (const char *piece : {"[", "{", "- ", "a: ", "? ", "\"", "'", "{a: ", "[[],", "- - ", "#", "\n", "a\n",
                                  "!a ", "&a ", ": ", "|\n ", "%\n"}) {
            std::string text;
            while (text.size() < 200'000)
                text += piece;
            kiln::test::fuzzWorkspaceYaml(text);
        }
        std::string oneLine = "triggers: [";
        while (oneLine.size() < 900'000)
            oneLine += std::string(50, 'x') + ", ";
        kiln::test::fuzzWorkspaceYaml(oneLine + "]");
        std::string deep;
        for (int i = 0; i < 2'000; ++i)
            deep += std::string(std::size_t(i), ' ') + "a:\n";
        kiln::test::fuzzWorkspaceYaml(deep.substr(0, 1'000'000));
    }
};

QTEST_GUILESS_MAIN(tst_WorkspaceFuzz)
#include "tst_workspace_fuzz.moc"
