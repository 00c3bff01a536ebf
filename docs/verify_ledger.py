#!/usr/bin/env python3
"""Verifies a Crossdock ledger export without Crossdock. Written from docs/ledger.md, with the standard library of Python 3.9.

Exit code: 0 good, 1 found wanting (the first bad entry is named by its index), 2 could not be verified."""
import argparse, base64, functools, hashlib, json, re, sys
from collections import namedtuple
from types import SimpleNamespace

LINE_BYTES, SAFE = 16 * 1024 * 1024, 2**53 - 1  # the longest line, and the largest number every JSON reader knows exactly
NAME, BASE64, HASH = r"([!-*,-~]+)", r"([A-Za-z0-9+/=]+)", r"[0-9a-f]{64}"
NOTE = re.compile(rf"{NAME}\n(0|[1-9][0-9]{{0,15}})\n{BASE64}\n\n((?:\u2014 {NAME} {BASE64}\n)+)")
KEY = re.compile(rf"{NAME}\+([0-9a-f]{{8}})\+{BASE64}")
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
STRING = r'"(?:[^"\\\x00-\x1f]|\\["\\bfnrt]|\\u00(?:0[0-7bef]|1[0-9a-f]))*"'  # as canonical JSON writes it, RFC 8785
ID, LINK, COUNT = f'(?:null|"{UUID}")', f'(?:null|"{HASH}")', "(?:null|[1-9][0-9]{0,15})"
INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
LEAF = re.compile(
    rf'{{"actor":{STRING},"at":"{INSTANT}","bodySha256":"(?P<body>{HASH})","delivery":{ID},"document":{ID},"id":"{UUID}",'
    rf'"partner":(?P<partner>{ID}),"pprev":(?P<pprev>{LINK}),"pseq":(?P<pseq>{COUNT}),"transmission":{ID},"type":(?P<type>{STRING})}}')

class Cannot(Exception):
    """Nothing can be said about the ledger."""

class Bad(Exception):
    """The first entry that cannot be vouched for, by its index, and why."""

sha256 = lambda data: hashlib.sha256(data).digest()
node = lambda left, right: sha256(b"\x01" + left + right)  # of the tree, RFC 6962 section 2.1
key_id = lambda name, key: sha256(name.encode() + b"\n\x01" + key)[:4]

# ---- Ed25519, RFC 8032 section 5.1: points in extended coordinates (X, Y, Z, T)
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n, p):
    q = (0, 1, 1, 0)
    for bit in bin(n)[2:]:
        q = add(add(q, q), p) if bit == "1" else add(q, q)
    return q

def point(data):
    """Decodes 32 bytes, section 5.1.3; None where they are no point."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if x * x % P == x2 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != x2 or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P

BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

@functools.lru_cache(maxsize=4096)
def is_signed(text, key, signature):
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % ORDER
    p, q = times(s, BASE), add(r, times(h, a))
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0

# ---- checkpoints: signed notes (C2SP signed-note and tlog-checkpoint), and keys in verifier form
Note = namedtuple("Note", "origin size root text signatures")

def decode(text):
    """The bytes of base64 that is written exactly; none where it is not."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return data if base64.b64encode(data).decode() == text else b""

def read_key(text):
    """The name and the 32 bytes of `<name>+<key id>+<base64>`, or None."""
    match = KEY.fullmatch(text)
    data = decode(match[3]) if match else b""
    good = len(data) == 33 and data[0] == 1 and key_id(match[1], data[1:]).hex() == match[2]
    return (match[1], data[1:]) if good else None

def read_note(text):
    """What a checkpoint says, without looking at its signatures; None where it is none."""
    match = NOTE.fullmatch(text)
    if not match or len(decode(match[3])) != 32 or int(match[2]) > SAFE:
        return None
    signatures = re.findall(rf"\u2014 {NAME} {BASE64}\n", match[4])
    return Note(match[1], int(match[2]), decode(match[3]), text[: match.start(4) - 1].encode(), signatures)

def open_note(text, key):
    """The checkpoint that this key signed under the name of its origin, or None."""
    note = read_note(text)
    for name, encoded in note.signatures if note else []:
        if name == note.origin and decode(encoded)[:4] == key_id(name, key):
            return note if is_signed(note.text, key, decode(encoded)[4:]) else None
    return None

# ---- the tree, RFC 6962 section 2.1 and RFC 9162 section 2.1
def push(tree, leaf):
    """Adds a leaf to the whole subtrees of a tree, each as (leaves, root), the largest first."""
    tree.append((1, leaf))
    while len(tree) > 1 and tree[-1][0] == tree[-2][0]:
        (size, right), (_, left) = tree.pop(), tree.pop()
        tree.append((2 * size, node(left, right)))

def root_of(tree):
    roots = [root for _, root in reversed(tree)] or [sha256(b"")]
    return functools.reduce(lambda right, left: node(left, right), roots)

def climb(place, last, proof, roots):
    """Walks a proof upwards; roots is [root] for inclusion, [old, new] for consistency. None where it does not fit."""
    for each in proof:
        if last == 0:
            return None
        if place % 2 == 1 or place == last:
            roots = [node(each, root) for root in roots]
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            roots = roots[:-1] + [node(roots[-1], each)]
        place, last = place // 2, last // 2
    return roots if last == 0 else None

def goes_on(old, size, root, proof):
    """Whether a consistency proof leads from an old checkpoint to the tree of this size and root."""
    if not 0 < old.size < size:
        return not proof and (old.size, old.root) in ((size, root), (0, sha256(b"")))
    path = [old.root] + proof if old.size & (old.size - 1) == 0 else proof
    place, last = old.size - 1, size - 1
    while place % 2 == 1:
        place, last = place // 2, last // 2
    return bool(path) and climb(place, last, path[1:], [path[0], path[0]]) == [old.root, root]

# ---- JSON: which members an object has, and what each of them may be
def read_object(data):
    def number(text):  # 5.0 and 50e-1 are whole numbers too
        return int(float(text)) if float(text).is_integer() else float(text)
    try:
        value = json.loads(data.decode(), parse_float=number, parse_constant=int)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}

def has(value, names):
    good = isinstance(value, dict) and " ".join(sorted(value)) == names
    return good and all(MEMBERS[name](member) for name, member in value.items())

whole = lambda value: type(value) is int and 0 <= value <= SAFE
text = lambda value: isinstance(value, str) and not any("\ud800" <= each <= "\udfff" for each in value)
form = lambda pattern: lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None
maybe = lambda check: lambda value: value is None or check(value)
LINES = ("epoch first key size", "body hash index leaf", "body hash index leaf proof", "checkpoint", "consistency", "end")
MEMBERS = {
    **dict.fromkeys("end epoch first index size version".split(), whole),
    **dict.fromkeys("checkpoint format key".split(), text),
    **{"hash": form(HASH), "leaf": maybe(text), "body": maybe(text), "partner": maybe(form(UUID))},
    "proof": lambda value: isinstance(value, list) and len(value) <= 64 and all(map(form(HASH), value)),
    "consistency": lambda value: has(value, "proof size"),
}

def declares(leaf, body, before):
    """Whether the first leaf of a later epoch carries the checkpoint that was signed last in the one before."""
    previous = read_object(body.encode()).get("previous")
    if leaf["type"] != '"ledger.epoch"' or not isinstance(previous, str):
        return False
    signed, said = open_note(previous, before.public), read_note(previous)
    if signed is None or signed.origin != before.origin:
        return said is None or said.origin != before.origin
    return signed.size != before.size or signed.root == before.root

def verify(lines, partner, kept_note, wanted_key):
    """Returns how many entries are good; raises Bad at the first line that does not hold against those before it."""
    kept = read_note(kept_note) if kept_note else None
    histories = {}  # of each partner, the number and hash of its last leaf
    epoch, before, kept_known, ended = None, None, False, False
    due = vouched = entries = 0  # the next index; a signed root vouches for the entries before `vouched`

    def hold(good, reason, index=None):
        if not good:
            raise Bad(due if index is None else index, reason)

    def hold_kept(root, index):  # a tree of the kept checkpoint's size has its root
        hold(epoch.kept.root == root, "kept", index)
        epoch.seen = True

    for data in lines:
        line = read_object(data) if len(data) <= LINE_BYTES else {}
        hold(not ended, "end")
        hold(any(has(line, names) for names in LINES), "line")
        if epoch and ("epoch" in line or "end" in line):
            hold(epoch.root is not None, "missing")
            hold(epoch.kept is None or epoch.kept.size <= epoch.size, "kept", epoch.first + epoch.size)
            if epoch.kept and epoch.kept.size > 0 and not epoch.seen:
                raise Cannot("this export has no proof from the checkpoint that was kept; export with --checkpoint")
        if "epoch" in line:
            begins, later = (epoch.first + epoch.size, line["epoch"] > epoch.number) if epoch else (0, line["epoch"] > 0)
            origin, public = read_key(line["key"]) or ("", b"")
            follows = later and line["first"] == begins and line["size"] > 0 and origin.endswith("/%d" % line["epoch"])
            hold(follows, "epoch", begins)
            before, due, vouched = epoch, begins, begins
            epoch = SimpleNamespace(number=line["epoch"], first=begins, size=line["size"], origin=origin, public=public)
            epoch.key, epoch.tree, epoch.count, epoch.root, epoch.seen = line["key"], [], 0, None, False
            epoch.kept = kept if kept and kept.origin == origin else None
            kept_known = kept_known or epoch.kept is not None
            hold(epoch.kept is None or open_note(kept_note, public), "kept")
        elif "end" in line:
            ended = True
            hold(line["end"] == entries, "end")
            hold(kept is None or kept_known, "kept", 0)
            hold(wanted_key in (None, epoch and epoch.key), "key", epoch.first if epoch else 0)
        elif "checkpoint" in line:
            hold(epoch is not None, "order")
            signed = open_note(line["checkpoint"], epoch.public)
            hold(signed and signed.origin == epoch.origin, "checkpoint", vouched)
            if partner is None:
                hold((signed.size, signed.root) == (epoch.count, root_of(epoch.tree)), "checkpoint", vouched)
                vouched = epoch.first + signed.size
            else:
                hold(epoch.root is None and signed.size == epoch.size, "checkpoint", vouched)
                if epoch.kept and epoch.kept.size == signed.size:
                    hold_kept(signed.root, epoch.first)
            epoch.root = signed.root if signed.size == epoch.size else epoch.root
        elif "consistency" in line:
            hold(partner is not None and epoch is not None and epoch.root is not None, "order")
            if epoch.kept and epoch.kept.size == line["consistency"]["size"]:
                path = [bytes.fromhex(each) for each in line["consistency"]["proof"]]
                hold(goes_on(epoch.kept, epoch.size, epoch.root, path), "kept", epoch.first)
                epoch.seen = True
        else:
            index, leaf_hash, proof = line["index"], bytes.fromhex(line["hash"]), line.get("proof")
            hold(epoch is not None and (proof is None) == (partner is None), "order")
            hold(epoch.first <= index < epoch.first + epoch.size, "order")
            hold(index == due if partner is None else index >= due and epoch.root is not None, "order")
            hold(line["leaf"] is not None and line["body"] is not None, "missing", index)
            leaf = LEAF.fullmatch(line["leaf"])
            hold(leaf and sha256(b"\x00" + line["leaf"].encode()) == leaf_hash, "leaf", index)
            hold(partner is None or leaf["partner"] == f'"{partner}"', "leaf", index)
            hold(sha256(line["body"].encode()).hex() == leaf["body"], "body", index)
            pseq, pprev = histories.get(leaf["partner"], (0, "null")) if leaf["partner"] != "null" else (None, "null")
            hold((leaf["pseq"], leaf["pprev"]) == ("null" if pseq is None else str(pseq + 1), pprev), "sequence", index)
            if pseq is not None:
                histories[leaf["partner"]] = (pseq + 1, f'"{line["hash"]}"')
            hold(before is None or index > epoch.first or declares(leaf, line["body"], before), "epoch", index)
            if proof is None:
                push(epoch.tree, leaf_hash)
                epoch.count += 1
                if epoch.kept and epoch.kept.size == epoch.count:
                    hold_kept(root_of(epoch.tree), vouched)
            else:
                path = [bytes.fromhex(each) for each in proof]
                roots = climb(index - epoch.first, epoch.size - 1, path, [leaf_hash])
                hold(roots == [epoch.root], "inclusion", index)
            due, entries = index + 1, entries + 1
    hold(ended, "end")
    return entries

def verify_file(path, kept_path, key):
    kept = open(kept_path, encoding="utf-8", newline="").read() if kept_path else None
    with open(path, "rb") as file:
        head = read_object(file.readline().rstrip(b"\n"))
        if not has(head, "format partner version") or (head["format"], head["version"]) != ("crossdock-ledger-export", 1):
            raise Cannot("this is not a ledger export of version 1")
        if kept is not None and read_note(kept) is None:
            raise Cannot("what was kept is not a checkpoint")
        if key is not None and read_key(key) is None:
            raise Cannot("this is not a verifier key")
        return verify((line.rstrip(b"\n") for line in file), head["partner"], kept, key)

def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("export", nargs="+")
    for name, help in ("--checkpoint", "a file with a checkpoint that was kept from earlier"), ("--key", "the key that must have signed"):
        options.add_argument(name, help=help)
    options.add_argument("--json", action="store_true")
    asked, worst = options.parse_args(), 0
    for path in asked.export:
        try:
            facts = {"exit": 0, "entries": verify_file(path, asked.checkpoint, asked.key)}
        except Bad as bad:
            facts = {"exit": 1, "firstBad": bad.args[0], "reason": bad.args[1]}
        except (Cannot, OSError, UnicodeDecodeError) as error:
            facts = {"exit": 2, "error": str(error)}
        said = ("good: {entries} entries", "NOT GOOD: the first bad entry is {firstBad} ({reason})", "cannot verify: {error}")
        print(json.dumps(facts) if asked.json else said[facts["exit"]].format(**facts))
        worst = max(worst, facts["exit"])
    return worst

if __name__ == "__main__":
    sys.exit(main())
