#!/usr/bin/env python3
"""Has the doctor explain requests with every mistake of the catalogue: autopsy_test.py PROGRAM [SEED [CASES-EACH]]

Shares that must be named rightly, nothing else beside: 97 % with one mistake, 90 % with two, all right requests and all random
signatures."""

import collections
import random
import sys
import unittest

import campaign
import signers

PROGRAM = None
SEED, EACH = 1, 2


class Autopsy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pairs = signers.make_pairs(7)

    def judge(self, cases, least):
        cases = list(cases)
        share, wrong = campaign.score(cases, campaign.answers_of([PROGRAM, "doctor", "--json", "--cases"], cases))
        told = collections.Counter(f"{' + '.join(case['causes'])} -> {' + '.join(answer)}" for case, answer in wrong)
        print(f"{len(cases)} cases, {share:.2%} right")
        self.assertGreaterEqual(share, least, "\n".join(f"{count} x {line}" for line, count in told.most_common(30)))

    def test_one_mistake(self):
        self.judge(campaign.singles(random.Random(SEED), self.pairs, EACH), 0.97)

    def test_two_mistakes(self):
        self.judge(campaign.couples(random.Random(SEED), self.pairs, 80 * EACH), 0.90)

    def test_right_requests(self):
        self.judge(campaign.controls(random.Random(SEED), self.pairs, 100 * EACH, False), 1)

    def test_random_signatures(self):
        self.judge(campaign.controls(random.Random(SEED), self.pairs, 20 * EACH, True), 1)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    SEED, EACH = [int(word) for word in sys.argv[2:4]] + [SEED, EACH][len(sys.argv[2:4]):]
    unittest.main(argv=sys.argv[:1], verbosity=2)
