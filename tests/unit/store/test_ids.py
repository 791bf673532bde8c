from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from service.store.ids import new_id

FORKED = """
import os
from service.store.ids import new_id

new_id()
child = os.fork()
os.write(1, (new_id()[12:] + "\\n").encode())
os.waitpid(child, 0) if child else os._exit(0)
"""


def test_no_two_are_the_same_whoever_makes_them() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [one for many in pool.map(lambda _: [new_id() for _ in range(1000)], range(8)) for one in many]

    assert len({one[12:] for one in made}) == len(made)
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in made)


def test_a_child_does_not_go_on_with_its_parent_s() -> None:
    told = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True).stdout.split()

    assert len(told) == 2
    assert told[0] != told[1]
