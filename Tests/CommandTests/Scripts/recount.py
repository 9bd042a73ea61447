"""Counts a store anew with sqlite3 and numpy, and compares the page and the JSON of `prep stats` with it.

usage: recount.py STORE      prints the number of compared values; ends with 1 at the first difference
"""
import collections
import html.parser
import json
import math
import sqlite3
import sys

import numpy

store = sys.argv[1]
catalog = sqlite3.connect(f"file:{store}/catalog.sqlite?mode=ro", uri=True)
compared = 0


class Tables(html.parser.HTMLParser):
    """The tables of a page by caption, and its tiles."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.tiles, self.texts = {}, {}, []
        self.rows, self.cell, self.caption, self.kind = [], None, "", ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.rows, self.caption = [], ""
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th", "caption", "b", "p"):
            self.kind, self.cell = tag, ""
        if tag == "li":
            self.tile = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data
        elif getattr(self, "value", None) and data.strip():
            self.tiles[data.strip()] = self.value
            self.value = None

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.rows[-1].append(self.cell)
        elif tag == "caption":
            self.caption = self.cell
        elif tag == "b":
            self.value = self.cell
        elif tag == "p":
            self.texts.append(self.cell)
        elif tag == "table":
            self.tables.setdefault(self.caption, self.rows[1:])
        if tag in ("td", "th", "caption", "b", "p"):
            self.cell = None


def bare(text):
    return text.replace("\u2068", "").replace("\u2069", "")


page = Tables(open(f"{store}/report/index.html", encoding="utf-8").read())
page.tables = {bare(name): rows for name, rows in page.tables.items()}
facts = json.load(open(f"{store}/report/statistics.json", encoding="utf-8"))


def same(what, ours, theirs):
    global compared
    assert ours == theirs, f"{what}: the page has {ours}, counted are {theirs}"
    compared += len(theirs) if hasattr(theirs, "__len__") and not isinstance(theirs, str) else 1


def grouped(number):
    return f"{number:,}"


def share(part, whole):
    """A percentage with one digit, rounded half up."""
    return str(math.floor(part / whole * 1000 + 0.5) / 10) if whole else "0.0"


def rows(query, *values):
    return catalog.execute(query, values).fetchall()


def luma(pixels):
    pixels = pixels.astype(numpy.int64)
    return (pixels @ numpy.array([19595, 38470, 7471]) + 0x8000) >> 16 if pixels.shape[2] == 3 else pixels[:, :, 0]


images = {}
for name, in rows("SELECT DISTINCT shard FROM samples"):
    with open(f"{store}/shards/{name}", "rb") as file:
        shape = json.loads(file.read(int.from_bytes(file.read(8), "little")))["images"]["shape"]
        images[name] = numpy.frombuffer(file.read(), numpy.uint8).reshape(shape)
height, width = next(iter(images.values())).shape[1:3]

for dataset in facts["datasets"]:
    name = dataset["name"]
    samples = rows(
        "SELECT path, identity, shard, row, width, height, format, channels, orientation, brightness, contrast, sharpness"
        " FROM samples WHERE dataset = ? ORDER BY length(shard), shard, row", name)
    same("samples", dataset["samples"], len(samples))
    # Identities.
    per = collections.Counter(sample[1] for sample in samples)
    same("identities", dataset["identities"], len(per))
    if len(set(per.values())) > 1:
        groups = [("1", 1, 1), ("2", 2, 2), ("3", 3, 3), ("4", 4, 4), ("5", 5, 5), ("6-10", 6, 10), ("11-50", 11, 50),
                  ("more than 50", 51, 10**9)]
        same("groups", page.tables[f"Identities of {name}"],
             [[label, grouped(sum(low <= count <= high for count in per.values()))] for label, low, high in groups])
        most = sorted(per.items(), key=lambda item: (-item[1], item[0].encode()))[:10]
        same("most", page.tables[f"Identities of {name} with the most samples"], [[who, grouped(count)] for who, count in most])
    # Source files.
    smaller = sum(sample[4] < width or sample[5] < height for sample in samples)
    same("smaller", dataset["originals"]["smaller"], smaller)
    assert any(f"{grouped(smaller)} of {grouped(len(samples))} images ({share(smaller, len(samples))} %) are smaller than a sample in width or height" in text
               for text in page.texts)
    sizes = collections.Counter((sample[4], sample[5]) for sample in samples)
    same("sizes", dataset["originals"]["different_sizes"], len(sizes))
    ours = {(size["width"], size["height"]): size["samples"] for size in dataset["originals"]["sizes"]}
    same("sizes", ours, {size: sizes[size] for size in ours})
    assert sorted(ours.values(), reverse=True) == sorted(sizes.values(), reverse=True)[:500]
    formats, channels, turns = (collections.Counter(sample[place] for sample in samples) for place in (6, 7, 8))
    table = [[f"format {one}", grouped(count)] for one, count in sorted(formats.items(), key=lambda item: (-item[1], item[0]))]
    table += [[f"{one} {'channel' if one == 1 else 'channels'}", grouped(count)] for one, count in sorted(channels.items())]
    table += [[f"EXIF orientation {one}", grouped(count)] for one, count in sorted(turns.items())]
    same("source files", page.tables[f"Original images of {name}"], table)
    # Quality, from the pixels.
    measured = []
    for path, _, shard, row, *_, brightness, contrast, sharpness in samples:
        gray = luma(images[shard][row])
        inner = gray[:-2, 1:-1] + gray[2:, 1:-1] + gray[1:-1, :-2] + gray[1:-1, 2:] - 4 * gray[1:-1, 1:-1]
        own = (gray.mean(), gray.std(), inner.var())
        for one, other in zip(own, (brightness, contrast, sharpness)):
            assert abs(one - other) <= 1e-9 * max(1, abs(one)), (path, own)
            compared += 1
        measured.append((path, brightness, contrast, sharpness))
    for place, quality in enumerate(dataset["quality"], 1):
        values = numpy.array([one[place] for one in measured])
        edges = numpy.array(quality["edges"])
        bins = numpy.clip(numpy.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
        same(quality["name"], quality["counts"], numpy.bincount(bins, minlength=len(edges) - 1).tolist())
        assert abs(quality["mean"] - values.mean()) <= 1e-9 * values.mean()
        order = numpy.argsort(values, kind="stable")[:10]
        same("lowest", [one["path"] for one in quality["lowest"]], [measured[one][0] for one in order])
        order = numpy.argsort(-values, kind="stable")[:10]
        same("highest", [one["path"] for one in quality["highest"]], [measured[one][0] for one in order])
        assert any(f"Mean: {math.floor(values.mean() * 10 + 0.5) / 10}." in text for text in page.texts), quality["name"]
    # Faces.
    faces = [count for count, in rows("SELECT faces FROM crops WHERE dataset = ? AND faces IS NOT NULL", name)]
    if faces:
        table = [["none", faces.count(0)], ["one", faces.count(1)], ["several", sum(count > 1 for count in faces)]]
        same("faces", page.tables[f"Faces in {name}"], [[what, grouped(count)] for what, count in table])
        widths = sorted(size for size, in rows("SELECT face_width FROM crops WHERE dataset = ? AND face_width IS NOT NULL", name))
        same("face widths", dataset["face_widths"], [widths[(len(widths) - 1) * part // 4] for part in range(5)])

# Duplicates and rejected files.
kinds = rows("SELECT kind, sum(same_identity = 0), sum(same_identity = 1) FROM duplicates GROUP BY kind ORDER BY kind")
same("duplicates", page.tables.get("Pairs of samples that are alike", []), [[kind, grouped(a), grouped(w)] for kind, a, w in kinds])
reasons = rows("SELECT reason, count(*) FROM rejections GROUP BY reason ORDER BY 2 DESC, 1")
same("rejected", page.tables.get("Rejected files", []), [[reason, grouped(count)] for reason, count in reasons])
listed = [list(row) for row in rows("SELECT path, reason, detail FROM rejections ORDER BY dataset, path LIMIT 50")]
same("rejected files", page.tables.get("Rejected, file by file", []), listed)

# Protocols.
leaks = 0
order = {"train": 0, "validation": 1, "test": 2}
for protocol, in rows("SELECT name FROM protocol ORDER BY name"):
    leaks += rows("SELECT count(*) FROM findings WHERE protocol = ? AND kind IN ('identity', 'file', 'pixels', 'near')", protocol)[0][0]
    sides = collections.defaultdict(lambda: [0, 0, 0, 0])
    for fold, role, count in rows("SELECT fold, role, count(*) FROM members WHERE protocol = ? GROUP BY 1, 2", protocol):
        sides[fold, role][0] = count
    for fold, role, genuine, count in rows("SELECT fold, role, genuine, count(*) FROM pairs WHERE protocol = ? GROUP BY 1, 2, 3", protocol):
        sides[fold, role][2 - genuine] = count
    for fold, role, count in rows("SELECT fold, role, count(*) FROM missing_pairs WHERE protocol = ? GROUP BY 1, 2", protocol):
        sides[fold, role][3] = count
    complete = all(counts[3] == 0 for counts in sides.values())
    table = [[role + (f", fold {fold}" if fold else "")] + [grouped(count) for count in counts[:3 if complete else 4]]
             for (fold, role), counts in sorted(sides.items(), key=lambda item: (item[0][0], order[item[0][1]]))]
    ours = page.tables[f"Protocol {protocol}"]
    same(f"sides of {protocol}", sorted(ours), sorted(table))
    # Who is compared.
    owner = {(d, p): i for d, p, i in rows("SELECT dataset, path, identity FROM members WHERE protocol = ?", protocol)}
    if not owner:
        owner = {(d, p): i for d, p, i in rows("SELECT dataset, path, identity FROM samples")}
    counts = {}
    for role, genuine, a, b, c, d in rows(
            "SELECT role, genuine, left_dataset, left_path, right_dataset, right_path FROM pairs WHERE protocol = ?", protocol):
        people, pictures = counts.setdefault(role, ((collections.Counter(), collections.Counter()), (collections.Counter(), collections.Counter())))
        for person in {(a, owner[a, b]), (c, owner[c, d])}:
            people[1 - genuine][person] += 1
        for picture in {(a, b), (c, d)}:
            pictures[1 - genuine][picture] += 1
    if not counts:
        continue
    table, often = [], []
    for role in sorted(counts):
        for what, (genuine, impostor) in zip(("people", "images"), counts[role]):
            both, every = len(genuine.keys() & impostor.keys()), len(genuine.keys() | impostor.keys())
            table.append([role, what, *map(grouped, (len(genuine), len(impostor), both, every)), share(both, every)])
        genuine, impostor = counts[role][0]
        by_count = lambda item: (-item[1], item[0][1].encode())
        often += [[role, "genuine", who[1], grouped(count), ""] for who, count in sorted(genuine.items(), key=by_count)[:10]]
        often += [[role, "impostor", who[1], "", grouped(count)] for who, count in sorted(impostor.items(), key=by_count)[:10]]
        both = [(who, genuine[who], impostor[who]) for who in genuine.keys() & impostor.keys()]
        both.sort(key=lambda item: (-item[1], -item[2], item[0][1].encode()))
        often += [[role, "both", who[1], grouped(one), grouped(other)] for who, one, other in both[:10]]
    same(f"people of {protocol}", page.tables[f"Who is compared in {protocol}"], table)
    same(f"most often in {protocol}", page.tables[f"Who appears most often in {protocol}"], often)

tiles = {
    "samples": rows("SELECT count(*) FROM samples")[0][0],
    "identities": rows("SELECT count(DISTINCT dataset || '/' || identity) FROM samples")[0][0],
    "rejected": rows("SELECT count(*) FROM rejections")[0][0],
    "duplicates": rows("SELECT count(*) FROM duplicates")[0][0], "leaks": leaks,
}
same("tiles", page.tiles, {name: grouped(count) for name, count in tiles.items()})
print(compared)
