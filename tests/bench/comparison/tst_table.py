# SPDX-License-Identifier: GPL-3.0-or-later
import unittest

from table import BEGIN, DURATION, END, RATE, Goal, Group, Row, Sample, row_lines, table, with_section


def row(name, *rounds, **more):
    made = Row(name, "no limits", measure=list, **more)
    made.rounds = [[each if isinstance(each, Sample) else Sample(each) for each in samples] for samples in rounds]
    return made


class TableTest(unittest.TestCase):
    def cells(self, line):
        return [cell.strip() for cell in line.strip("|").split("|")]

    def test_one_disturbed_round_does_not_decide(self):
        quiet = row("quiet", [100, 110, 120], [100, 110, 120], [9000, 9100, 9200])
        line = row_lines(quiet, Group("group", DURATION, [quiet]))[0]
        self.assertEqual(self.cells(line)[4], "110 µs")

    def test_a_ratio_is_taken_within_each_round(self):
        floor = row("floor", [10], [1000], [10])
        kiln = row("Kiln", [20], [2000], [20])
        line = row_lines(kiln, Group("group", DURATION, [floor, kiln], floor=floor))[0]
        self.assertEqual(self.cells(line)[6], "2")

    def test_a_start_of_another_kind_has_a_line_of_its_own(self):
        kiln = row("Kiln", [Sample(300, "parked"), Sample(20_000, "cold")], [Sample(320, "parked")])
        lines = [self.cells(line) for line in row_lines(kiln, Group("group", DURATION, [kiln]))]
        self.assertEqual([line[2:5] for line in lines], [["cold", "1", "20 ms"], ["parked", "2", "320 µs"]])

    def test_too_few_for_a_p99_tell_the_most(self):
        few, enough = row("few", [1, 2, 30]), row("enough", list(range(1, 101)))
        self.assertEqual(self.cells(row_lines(few, Group("", DURATION, [few]))[0])[5], "most 30 µs")
        self.assertEqual(self.cells(row_lines(enough, Group("", DURATION, [enough]))[0])[5], "100 µs")

    def test_goals_are_judged(self):
        goals = [Goal("p50 ≤ 0.5 ms", lambda figures: figures.p50 <= 500),
                 Goal("of the peer ≥ 2.5", lambda figures: figures.of_peer >= 2.5)]
        peer, kiln = row("peer", [1000]), row("Kiln", [2000], goals=goals)
        self.assertEqual(self.cells(row_lines(kiln, Group("", RATE, [peer, kiln], peer=peer))[0])[8],
                         "p50 ≤ 0.5 ms: missed; of the peer ≥ 2.5: missed")
        alone = row("Kiln", [300], goals=goals)
        self.assertEqual(self.cells(row_lines(alone, Group("", DURATION, [alone]))[0])[8],
                         "p50 ≤ 0.5 ms: met; of the peer ≥ 2.5: cannot be said")

    def test_nothing_is_dropped_silently(self):
        missing, broken = row("missing", skipped="npm is missing"), row("broken", [5], failed="no answer")
        text = table([Group("group", DURATION, [missing, broken])])
        self.assertIn("skipped: npm is missing", text)
        self.assertIn("FAILED: no answer", text)

    def test_the_section_of_a_document_is_replaced(self):
        document = f"before\n{BEGIN}\nold\n{END}\nafter\n"
        self.assertEqual(with_section(document, "new"), f"before\n{BEGIN}\nnew\n{END}\nafter\n")
        with self.assertRaises(ValueError):
            with_section("no marks", "new")


if __name__ == "__main__":
    unittest.main()
