"""Reads the card of a store with mlcroissant and YAML, and recounts it.

usage: read_card.py CARD
"""
import csv
import hashlib
import json
import os
import sys

import mlcroissant
import yaml

card = sys.argv[1]
dataset = mlcroissant.Dataset(jsonld=f"{card}/croissant.json")
samples = list(dataset.records(record_set="samples"))
print(f"{len(samples)} samples")
listed = list(csv.DictReader(open(f"{card}/samples.csv", encoding="utf-8", newline="")))
assert [row["path"] for row in listed] == [record["samples/path"].decode() for record in samples]
pairs = list(dataset.records(record_set="pairs"))
assert pairs and {record["pairs/genuine"] for record in pairs} == {0, 1}
found = {(row["dataset"], row["path"]): row["identity"] for row in listed}
assert len(found) == len(listed)
for row in csv.DictReader(open(f"{card}/pairs.csv", encoding="utf-8", newline="")):
    left, right = [(row["left_dataset"], row["left_path"]), (row["right_dataset"], row["right_path"])]
    same = left[0] == right[0] and found[left] == found[right]
    assert same == (row["genuine"] == "1"), row
splits = {record["splits/name"]: record["splits/url"] for record in dataset.records(record_set="splits")}
assert {record["pairs/role"].decode() for record in pairs} <= set(splits) and len(splits) == 3
description = json.load(open(f"{card}/croissant.json", encoding="utf-8"))
fields = {field["@id"]: field for records in description["recordSet"] for field in records["field"]}
assert fields["pairs/role"]["references"] == {"field": {"@id": "splits/name"}}
shards = [file for file in description["distribution"] if file["@id"].endswith(".safetensors")]
for file in description["distribution"]:
    content = open(os.path.join(card, file["contentUrl"]), "rb").read()
    assert hashlib.sha256(content).hexdigest() == file["sha256"], file["@id"]
    assert file["contentSize"] == f"{len(content)} B"
print(f"{len(shards)} shards have their SHA-256")
front = open(f"{card}/README.md", encoding="utf-8").read().split("---")[1]
assert yaml.safe_load(front)["size_categories"] == ["n<1K"]
