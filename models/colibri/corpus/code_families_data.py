"""Families over records (lists of dictionaries) and dictionaries."""

# A table of families: one compact entry each reads better than one argument a line.
# fmt: off

from __future__ import annotations

from collections import Counter
from typing import Any

from models.colibri.corpus.code_family import Family, Slots, calls, family
from models.colibri.corpus.code_inputs import fixed, grouped, mapping, records

_R = "$p: list[dict]"
_D = "$p: dict"
_KEEP = "[keep|return|get|find|select|filter]"


def _groups(slots: Slots, rows: list[dict[str, Any]]) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[slots["f"]], []).append(row)
    return found


RECORDS: tuple[Family, ...] = (
    family("sum_field", "records", _R, "float", "Return the sum of $f over the $p.",
           'return sum(x["$f"] for x in $p)',
           ("[return|compute|calculate|get] the [sum|total] of $f over [the|all|my] $e", "[sum|add] up the $f of $o",
            "total the $f [field |]of $o"),
           calls(lambda s, xs: sum(x[s["f"]] for x in xs), records, fixed([])),
           ('$F([{"$f": 2}, {"$f": 3}]) == 5', "$F([]) == 0")),
    family("average_field", "records", _R, "float", "Return the mean $f of the $p.",
           'return sum(x["$f"] for x in $p) / len($p) if $p else 0.0',
           ("[return|compute|calculate|get] the [average|mean] $f of [the|all|my] $e", "average the $f of $o"),
           calls(lambda s, xs: sum(x[s["f"]] for x in xs) / len(xs) if xs else 0.0, records, fixed([])),
           ('$F([{"$f": 2}, {"$f": 4}]) == 3.0', "$F([]) == 0.0")),
    family("max_by_field", "records", _R, "dict", "Return the one of the $p with the largest $f.",
           'return max($p, key=lambda x: x["$f"])',
           ("[return|find|get|pick] the one of the $e with the [largest|highest|biggest|most] $f",
            "find the [largest|highest] $f in $o and return [that|its] record"),
           calls(lambda s, xs: max(xs, key=lambda x: x[s["f"]]), records),
           ('$F([{"$f": 1}, {"$f": 2}]) == {"$f": 2}', '$F([{"$f": 1}]) == {"$f": 1}')),
    family("min_by_field", "records", _R, "dict", "Return the one of the $p with the smallest $f.",
           'return min($p, key=lambda x: x["$f"])',
           ("[return|find|get|pick] the one of the $e with the [smallest|lowest|least] $f",
            "find the [smallest|lowest] $f in $o and return [that|its] record"),
           calls(lambda s, xs: min(xs, key=lambda x: x[s["f"]]), records),
           ('$F([{"$f": 1}, {"$f": 2}]) == {"$f": 1}', '$F([{"$f": 1}]) == {"$f": 1}')),
    family("count_by_field", "records", _R, "dict", "Count the $p by $f.",
           'return dict(Counter(x["$f"] for x in $p))',
           ("count [the|my|all] $e [by|per|for each] $f", "[return|get] [how many|the number of] $e [per|for each] $f"),
           calls(lambda s, xs: dict(Counter(x[s["f"]] for x in xs)), grouped, fixed([])), (),
           "from collections import Counter"),
    family("group_by_field", "records", _R, "dict", "Group the $p by $f.",
           'groups = {}\nfor x in $p:\n    groups.setdefault(x["$f"], []).append(x)\nreturn groups',
           ("group [the|my|all|] $e by [their |]$f", "[arrange|bucket|put] $o [in groups |]by $f"),
           calls(_groups, grouped, fixed([])),
           ('$F([{"$f": 1}]) == {1: [{"$f": 1}]}', "$F([]) == {}")),
    family("sort_by_field", "records", _R, "list[dict]", "Return the $p sorted by $f.",
           'return sorted($p, key=lambda x: x["$f"])',
           ("[sort|order|arrange] [the|my|all] $e by [their |]$f", "sort $o by $f [ascending|in ascending order]"),
           calls(lambda s, xs: sorted(xs, key=lambda x: x[s["f"]]), records, fixed([])),
           ('$F([{"$f": 2}, {"$f": 1}]) == [{"$f": 1}, {"$f": 2}]', "$F([]) == []")),
    family("sort_by_field_desc", "records", _R, "list[dict]", "Return the $p sorted by $f, largest first.",
           'return sorted($p, key=lambda x: x["$f"], reverse=True)',
           ("[sort|order|arrange] [the|my|all] $e by [their |]$f [descending|in descending order|desc|from high to low|largest first]",),
           calls(lambda s, xs: sorted(xs, key=lambda x: x[s["f"]], reverse=True), records, fixed([])),
           ('$F([{"$f": 1}, {"$f": 2}]) == [{"$f": 2}, {"$f": 1}]', "$F([]) == []")),
    family("field_above", "records", _R, "list[dict]", "Return the $p whose $f is greater than $n.",
           'return [x for x in $p if x["$f"] > $n]',
           (_KEEP + " [only |]the $e [whose $f is|with $f|with a $f|where $f is] [above|over|greater than] $n",),
           calls(lambda s, xs: [x for x in xs if x[s["f"]] > s["n"]], records, fixed([])),
           ('$F([{"$f": $n}, {"$f": 1000}]) == [{"$f": 1000}]', "$F([]) == []")),
    family("field_below", "records", _R, "list[dict]", "Return the $p whose $f is less than $n.",
           'return [x for x in $p if x["$f"] < $n]',
           (_KEEP + " [only |]the $e [whose $f is|with $f|with a $f|where $f is] [below|under|less than] $n",),
           calls(lambda s, xs: [x for x in xs if x[s["f"]] < s["n"]], records, fixed([])),
           ('$F([{"$f": 0}, {"$f": $n}]) == [{"$f": 0}]', "$F([]) == []")),
    family("field_equals", "records", _R, "list[dict]", 'Return the $p whose $g is "$s".',
           'return [x for x in $p if x["$g"] == "$s"]',
           (_KEEP + " [only |]the $e [whose $g is|with $g|where $g is|where $g equals] [$s|'$s'|\"$s\"]",),
           calls(lambda s, xs: [x for x in xs if x[s["g"]] == s["s"]], records, fixed([])),
           ('$F([{"$g": "$s"}, {"$g": "1"}]) == [{"$g": "$s"}]', "$F([]) == []")),
    family("pluck_field", "records", _R, "list", "Return the $f of each of the $p.",
           'return [x["$f"] for x in $p]',
           ("[return|get|collect|extract|list] the $f of [each|every one|all] of the $e", "pluck the $f [from|of] $o"),
           calls(lambda s, xs: [x[s["f"]] for x in xs], records, fixed([])),
           ('$F([{"$f": 1}]) == [1]', "$F([]) == []")),
    family("index_by_field", "records", _R, "dict", "Map the $f of each of the $p to it.",
           'return {x["$f"]: x for x in $p}',
           ("index [the|my|all] $e by [their |]$f", "[build|make|return] a dict of [the|all] $e keyed by $f"),
           calls(lambda s, xs: {x[s["f"]]: x for x in xs}, grouped, fixed([])),
           ('$F([{"$f": 1}]) == {1: {"$f": 1}}', "$F([]) == {}")),
    family("count_field_equals", "records", _R, "int", 'Count the $p whose $g is "$s".',
           'return sum(x["$g"] == "$s" for x in $p)',
           ("count [the|how many|all] $e [whose $g is|with $g|where $g is|where $g equals] [$s|'$s'|\"$s\"]",),
           calls(lambda s, xs: sum(x[s["g"]] == s["s"] for x in xs), records, fixed([])),
           ('$F([{"$g": "$s"}, {"$g": "1"}]) == 1', "$F([]) == 0")),
)

DICTS: tuple[Family, ...] = (
    family("invert_dict", "data", _D, "dict", "Swap the keys and values of $p.",
           "return {v: k for k, v in $p.items()}",
           ("invert $o", "[swap|exchange|flip] [the |]keys and values [of|in] $o"),
           calls(lambda s, d: {v: k for k, v in d.items()}, mapping, fixed({})),
           ('$F({"a": 1}) == {1: "a"}', "$F({}) == {}")),
    family("merge_dicts", "data", _D + ", other: dict", "dict", "Merge $p with another dict.", "return {**$p, **other}",
           ("[merge|combine|join|unite] $o [with|and] [another dict|another one|a second dict]",),
           calls(lambda s, a, b: {**a, **b}, fixed({"a": 1, "b": 2}, {"b": 3}), fixed({}, {})),
           ('$F({"a": 1}, {"b": 2}) == {"a": 1, "b": 2}', "$F({}, {}) == {}")),
    family("values_above", "data", _D, "dict", "Return the entries of $p with values above $n.",
           "return {k: v for k, v in $p.items() if v > $n}",
           (_KEEP + " [only |]the [entries|items|pairs] of $o [with values|whose value is] [above|over|greater than] $n",),
           calls(lambda s, d: {k: v for k, v in d.items() if v > s["n"]}, mapping, fixed({})),
           ('$F({"a": 1000, "b": $n}) == {"a": 1000}', "$F({}) == {}")),
    family("sort_by_value", "data", _D, "dict", "Return $p sorted by value.",
           "return dict(sorted($p.items(), key=lambda x: x[1]))",
           ("[sort|order|arrange] $o by [value|its values|the values]", "[sort|order] the [entries|items] of $o by value"),
           calls(lambda s, d: dict(sorted(d.items(), key=lambda x: x[1])), mapping, fixed({})),
           ('list($F({"a": 2, "b": 1})) == ["b", "a"]', "$F({}) == {}")),
    family("key_of_max", "data", _D, "object", "Return the key of $p with the largest value.",
           "return max($p, key=$p.get)",
           ("[return|find|get|pick] the key [of|in] $o with the [largest|highest|biggest] value",),
           calls(lambda s, d: max(d, key=d.get), mapping), ('$F({"a": 1, "b": 2}) == "b"', '$F({"a": 1}) == "a"')),
    family("sum_values", "data", _D, "float", "Return the sum of the values of $p.", "return sum($p.values())",
           ("[sum|add] [up |]the values of $o", "[return|get|compute] the [sum|total] of the values [of|in] $o"),
           calls(lambda s, d: sum(d.values()), mapping, fixed({})), ('$F({"a": 1, "b": 2}) == 3', "$F({}) == 0")),
    family("get_or_default", "data", _D + ", key: str", "object", "Return the value of a key in $p, or $n.",
           "return $p.get(key, $n)",
           ("[return|get|look up|find] [the value of a|a] key in $o [or|and default to|or return] $n",),
           calls(lambda s, d, k: d.get(k, s["n"]), fixed({"a": 1}, "a"), fixed({}, "b")),
           ('$F({"a": 1}, "a") == 1', '$F({}, "b") == $n')),
    family("sorted_keys", "data", _D, "list", "Return the sorted keys of $p.", "return sorted($p)",
           ("[return|get|list|find|give] the [sorted keys|keys in order] of $o", "sort the keys of $o"),
           calls(lambda s, d: sorted(d), mapping, fixed({})), ('$F({"b": 1, "a": 2}) == ["a", "b"]', "$F({}) == []")),
    family("drop_key", "data", _D, "dict", 'Return $p without the key "$s".',
           'return {k: v for k, v in $p.items() if k != "$s"}',
           ("[remove|drop|delete|leave out] the key [$s|'$s'|\"$s\"] [from|of] $o",),
           calls(lambda s, d: {k: v for k, v in d.items() if k != s["s"]}, mapping, lambda r, s: ({s["s"]: 1, "1": 2},)),
           ('$F({"$s": 1}) == {}', "$F({}) == {}")),
    family("set_key", "data", _D, "dict", 'Return $p with "$s" set to $n.', 'return {**$p, "$s": $n}',
           ("[set|put] [the key |key |]['$s'|\"$s\"|$s] to $n in $o", "[add|give] $s = $n to $o"),
           calls(lambda s, d: {**d, s["s"]: s["n"]}, mapping, fixed({})),
           ('$F({}) == {"$s": $n}', '$F({"$s": 0}) == {"$s": $n}')),
)
