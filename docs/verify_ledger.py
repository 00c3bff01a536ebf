#!/usr/bin/env python3
"""Verifies a Crossdock ledger export without Crossdock. Written from docs/ledger.md, with Python 3's standard library alone.

    python3 verify_ledger.py EXPORT [--checkpoint FILE] [--key KEY] [--json]

Exit code: 0 good, 1 found wanting (the first bad entry is named by its index), 2 could not be verified."""
import base64, functools, hashlib, json, re, sys

SHA = lambda data: hashlib.sha256(data).digest()
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HASH = re.compile(r"[0-9a-f]{64}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
NOTE = re.compile(r"([!-*,-~]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]+)\n\n((?:\u2014 [!-*,-~]+ [A-Za-z0-9+/=]+\n)+)")
LEAF = "actor at bodySha256 delivery document id partner pprev pseq transmission type".split()
LINE_BYTES = 16 * 1024 * 1024


class Cannot(Exception):
    """Nothing can be said about the ledger."""


class Bad(Exception):
    """The first entry that cannot be vouched for, by index, and why."""


# ---- Ed25519, RFC 8032 section 5.1: points in extended coordinates (X, Y, Z, T)
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    q = (0, 1, 1, 0)
    while n > 0:
        q, p, n = add(q, p) if n & 1 else q, add(p, p), n >> 1
    return q


def point(data):
    """Decodes 32 bytes, section 5.1.3; None where they are no point."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


@functools.lru_cache(maxsize=4096)
def signed_by(key, text, signature):
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    p, q = times(s, BASE), add(r, times(h, a))
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


# ---- signed notes and checkpoints
def exact64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return data if base64.b64encode(data).decode() == text else b""


def key_id(name, key):
    return SHA(name.encode() + b"\n\x01" + key)[:4]


def read_key(text):
    """(name, 32 bytes) of `<name>+<key id>+<base64>`, or None."""
    match = re.fullmatch(r"([!-*,-~]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
    data = exact64(match[3]) if match else b""
    good = len(data) == 33 and data[0] == 1 and key_id(match[1], data[1:]).hex() == match[2]
    return (match[1], data[1:]) if good else None


def read_note(note):
    """(origin, size, root, text, signatures) of a checkpoint, or None."""
    match = NOTE.fullmatch(note)
    if not match or len(exact64(match[3])) != 32 or int(match[2]) > 2**53 - 1:
        return None
    signatures = [line.split(" ")[1:] for line in match[4].strip("\n").split("\n")]
    text = "%s\n%s\n%s\n" % match.group(1, 2, 3)
    return match[1], int(match[2]), exact64(match[3]), text.encode(), signatures


def open_note(note, key):
    """(origin, size, root) of a checkpoint that this key signed under its origin, or None."""
    parts = read_note(note)
    if parts is None:
        return None
    origin, size, root, text, signatures = parts
    for name, encoded in signatures:
        data = exact64(encoded)
        if name == origin and data[:4] == key_id(origin, key):
            return (origin, size, root) if signed_by(key, text, data[4:]) else None
    return None


# ---- the tree, RFC 6962 section 2.1 and RFC 9162 section 2.1
def node(left, right):
    return SHA(b"\x01" + left + right)


def root_of(whole):
    """The root over a list that holds, by height, the root of a whole subtree or None."""
    root = None
    for subtree in whole:
        if subtree is not None:
            root = subtree if root is None else node(subtree, root)
    return SHA(b"") if root is None else root


def push(whole, leaf):
    for height, subtree in enumerate(whole):
        if subtree is None:
            whole[height] = leaf
            return
        leaf, whole[height] = node(subtree, leaf), None
    whole.append(leaf)


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


def goes_on(old_size, old_root, size, root, proof):
    if old_size >= size:
        return old_size == size and not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == SHA(b"")
    path = [old_root] + proof if old_size & (old_size - 1) == 0 else proof
    place, last = old_size - 1, size - 1
    while place % 2 == 1:
        place, last = place // 2, last // 2
    return bool(path) and climb(place, last, path[1:], [path[0], path[0]]) == [old_root, root]


# ---- lines
def refuse(_):
    raise ValueError


def read_object(data):
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def whole(value):
    """A whole number from 0, however JSON writes it; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2**53 - 1
    return value if good else None


def fits(value, pattern):
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def is_text(value):
    return isinstance(value, str) and not any(0xD800 <= ord(c) <= 0xDFFF for c in value)


def is_proof(value):
    return isinstance(value, list) and len(value) <= 64 and all(fits(each, HASH) for each in value)


def read_leaf(text):
    leaf = read_object(text.encode())
    if sorted(leaf) != LEAF:
        return None
    ids = all(leaf[name] is None or fits(leaf[name], UUID) for name in ("partner", "transmission", "document", "delivery"))
    shaped = ids and fits(leaf["id"], UUID) and fits(leaf["at"], INSTANT) and fits(leaf["bodySha256"], HASH)
    shaped = shaped and is_text(leaf["actor"]) and is_text(leaf["type"])
    shaped = shaped and (leaf["pseq"] is None or bool(whole(leaf["pseq"])))
    shaped = shaped and (leaf["pprev"] is None or fits(leaf["pprev"], HASH))
    canonical = json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if shaped else None
    return leaf if canonical == text else None


class Verifier:
    def __init__(self, partner, kept_note, key):
        self.partner, self.kept_note, self.wanted_key = partner, kept_note, key
        self.kept = read_note(kept_note) if kept_note is not None else None
        self.histories, self.epoch, self.before, self.ended = {}, None, None, False
        self.next = self.vouched = self.entries = 0
        self.kept_known, self.key = False, None

    def take(self, line):
        names = ",".join(sorted(line))
        if self.ended:
            raise Bad(self.next, "end")
        if names == "epoch,first,key,size" and None not in (whole(line["epoch"]), whole(line["first"]), whole(line["size"])) and isinstance(line["key"], str):
            self.take_epoch(whole(line["epoch"]), whole(line["first"]), whole(line["size"]), line["key"])
        elif names in ("body,hash,index,leaf", "body,hash,index,leaf,proof") and whole(line["index"]) is not None and fits(line["hash"], HASH) and all(line[name] is None or is_text(line[name]) for name in ("leaf", "body")) and ("proof" not in line or is_proof(line["proof"])):
            self.take_entry(whole(line["index"]), bytes.fromhex(line["hash"]), line["leaf"], line["body"], line.get("proof"))
        elif names == "checkpoint" and isinstance(line["checkpoint"], str):
            self.take_checkpoint(line["checkpoint"])
        elif names == "consistency" and isinstance(line["consistency"], dict) and sorted(line["consistency"]) == ["proof", "size"] and whole(line["consistency"]["size"]) is not None and is_proof(line["consistency"]["proof"]):
            self.take_consistency(whole(line["consistency"]["size"]), line["consistency"]["proof"])
        elif names == "end" and whole(line["end"]) is not None:
            self.take_end(whole(line["end"]))
        else:
            raise Bad(self.next, "line")

    def is_kept(self):
        return self.kept is not None and self.epoch is not None and self.kept[0] == self.epoch["origin"]

    def end_epoch(self):
        if self.epoch is None:
            return
        if self.epoch["root"] is None:
            raise Bad(self.next, "missing")
        if self.is_kept() and self.kept[1] > self.epoch["size"]:
            raise Bad(self.epoch["first"] + self.epoch["size"], "kept")
        if self.is_kept() and not self.epoch["seen"] and self.kept[1] > 0:
            raise Cannot("this export has no proof from the checkpoint that was kept; export with --checkpoint")

    def take_epoch(self, number, first, size, key):
        self.end_epoch()
        due = self.epoch["first"] + self.epoch["size"] if self.epoch else 0
        named = read_key(key)
        follows = first == due and size > 0 and number > (self.epoch["epoch"] if self.epoch else 0)
        if named is None or not follows or not named[0].endswith("/%d" % number):
            raise Bad(due, "epoch")
        self.before = self.epoch
        self.epoch = dict(epoch=number, first=first, size=size, origin=named[0], key=named[1], tree=[], count=0, root=None, seen=False)
        self.next = self.vouched = first
        self.key = key
        if self.is_kept():
            self.kept_known = True
            if open_note(self.kept_note, named[1]) is None:
                raise Bad(first, "kept")

    def take_checkpoint(self, note):
        if self.epoch is None:
            raise Bad(self.next, "order")
        epoch, signed = self.epoch, open_note(note, self.epoch["key"])
        if signed is None or signed[0] != epoch["origin"]:
            raise Bad(self.vouched, "checkpoint")
        _, size, root = signed
        if self.partner is None:
            if size != epoch["count"] or root != root_of(epoch["tree"]):
                raise Bad(self.vouched, "checkpoint")
            self.vouched = epoch["first"] + size
        else:
            if epoch["root"] is not None or size != epoch["size"]:
                raise Bad(self.vouched, "checkpoint")
            if self.is_kept() and self.kept[1] == size:
                if self.kept[2] != root:
                    raise Bad(epoch["first"], "kept")
                epoch["seen"] = True
        if size == epoch["size"]:
            epoch["root"] = root

    def take_consistency(self, size, proof):
        if self.partner is None or self.epoch is None or self.epoch["root"] is None:
            raise Bad(self.next, "order")
        if self.is_kept() and self.kept[1] == size:
            hashes = [bytes.fromhex(each) for each in proof]
            if not goes_on(size, self.kept[2], self.epoch["size"], self.epoch["root"], hashes):
                raise Bad(self.epoch["first"], "kept")
            self.epoch["seen"] = True

    def take_entry(self, index, leaf_hash, leaf, body, proof):
        epoch = self.epoch
        if epoch is None or (proof is None) != (self.partner is None):
            raise Bad(self.next, "order")
        local = index - epoch["first"]
        if not 0 <= local < epoch["size"]:
            raise Bad(self.next, "order")
        if (index != self.next) if self.partner is None else (index < self.next or epoch["root"] is None):
            raise Bad(self.next, "order")
        self.take_leaf(index, leaf_hash, leaf, body)
        if proof is not None:
            root = climb(local, epoch["size"] - 1, [bytes.fromhex(each) for each in proof], [leaf_hash])
            if root != [epoch["root"]]:
                raise Bad(index, "inclusion")
        else:
            push(epoch["tree"], leaf_hash)
            epoch["count"] += 1
            if self.is_kept() and self.kept[1] == epoch["count"]:
                if self.kept[2] != root_of(epoch["tree"]):
                    raise Bad(self.vouched, "kept")
                epoch["seen"] = True
        self.next, self.entries = index + 1, self.entries + 1

    def take_leaf(self, index, leaf_hash, text, body):
        if text is None or body is None:
            raise Bad(index, "missing")
        if SHA(b"\x00" + text.encode()) != leaf_hash:
            raise Bad(index, "leaf")
        leaf = read_leaf(text)
        if leaf is None or (self.partner is not None and leaf["partner"] != self.partner):
            raise Bad(index, "leaf")
        if SHA(body.encode()).hex() != leaf["bodySha256"]:
            raise Bad(index, "body")
        whose = leaf["partner"]
        pseq, pprev = self.histories.get(whose, (0, None))
        due = (None, None) if whose is None else (pseq + 1, pprev)
        if (leaf["pseq"], leaf["pprev"]) != due:
            raise Bad(index, "sequence")
        if whose is not None:
            self.histories[whose] = (leaf["pseq"], leaf_hash.hex())
        if self.before is not None and index == self.epoch["first"] and not self.declares(leaf, body):
            raise Bad(index, "epoch")

    def declares(self, leaf, body):
        """The first leaf of a later epoch carries the checkpoint that was signed last."""
        previous, before = read_object(body.encode()).get("previous"), self.before
        if leaf["type"] != "ledger.epoch" or not isinstance(previous, str):
            return False
        signed, named = open_note(previous, before["key"]), read_note(previous)
        if signed is None or signed[0] != before["origin"]:
            return named is None or named[0] != before["origin"]
        return signed[1] != before["size"] or signed[2] == before["root"]

    def take_end(self, counted):
        self.end_epoch()
        self.ended = True
        if counted != self.entries:
            raise Bad(self.next, "end")
        if self.kept is not None and not self.kept_known:
            raise Bad(0, "kept")
        if self.wanted_key is not None and self.wanted_key != self.key:
            raise Bad(self.epoch["first"] if self.epoch else 0, "key")


def verify(lines, kept=None, key=None):
    """Returns the number of good entries; raises Bad or Cannot. `lines` are bytes without their line feed."""
    if kept is not None and read_note(kept) is None:
        raise Cannot("what was kept is not a checkpoint")
    if key is not None and read_key(key) is None:
        raise Cannot("this is not a verifier key")
    check = None
    for data in lines:
        line = read_object(data) if len(data) <= LINE_BYTES else {}
        if check is None:
            good = sorted(line) == ["format", "partner", "version"] and line["format"] == "crossdock-ledger-export"
            good = good and whole(line["version"]) == 1 and (line["partner"] is None or fits(line["partner"], UUID))
            if not good:
                raise Cannot("this is not a ledger export of version 1")
            check = Verifier(line["partner"], kept, key)
        else:
            check.take(line)
    if check is None:
        raise Cannot("this is not a ledger export of version 1")
    if not check.ended:
        raise Bad(check.next, "end")
    return check.entries


def answer(path, kept_path=None, key=None):
    """(exit code, what to say) for one export file."""
    try:
        kept = open(kept_path, encoding="utf-8", newline="").read() if kept_path else None
        with open(path, "rb") as file:
            entries = verify((line.rstrip(b"\n") for line in file), kept, key)
        return 0, {"good": True, "entries": entries}
    except Bad as bad:
        return 1, {"good": False, "firstBad": bad.args[0], "reason": bad.args[1]}
    except (Cannot, OSError, UnicodeDecodeError) as error:
        return 2, {"error": str(error)}


def main(args):
    options, paths = {}, []
    while args:
        word = args.pop(0)
        if word in ("--checkpoint", "--key") and args:
            options[word] = args.pop(0)
        else:
            (options.update({word: True}) if word == "--json" else paths.append(word))
    if not paths or any(path.startswith("--") for path in paths):
        print(__doc__, file=sys.stderr)
        return 2
    worst = 0
    for path in paths:  # several at once: one line each with --json
        code, said = answer(path, options.get("--checkpoint"), options.get("--key"))
        if "--json" in options:
            print(json.dumps({"exit": code, **said}))
        elif code == 0:
            print("good: %d entries" % said["entries"])
        elif code == 1:
            print("NOT GOOD: the first bad entry is %d (%s)" % (said["firstBad"], said["reason"]))
        else:
            print("cannot verify: " + said["error"], file=sys.stderr)
        worst = max(worst, code)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
