"""Reads an export with other programs; prints the path and the SHA-256 of the pixels of each sample.

usage: read_export.py FOLDER webdataset|folder
"""
import glob
import hashlib
import io
import json
import sys
import tarfile

from PIL import Image

folder, form = sys.argv[1:]
listed = [json.loads(line) for line in open(f"{folder}/samples.jsonl", encoding="utf-8")]


def tell(path, image):
    print(json.dumps({"path": path, "sha256": hashlib.sha256(image.tobytes()).hexdigest()}))


if form == "webdataset":
    import webdataset

    count = 0
    for sample in webdataset.WebDataset(sorted(glob.glob(f"{folder}/*.tar")), shardshuffle=False):
        facts = json.loads(sample["json"])
        assert facts in listed
        tell(facts["path"], Image.open(io.BytesIO(sample["png"])))
        # The archive and the name of the picture in it.
        archive, member = facts["file"].split("/")
        tarfile.open(f"{folder}/{archive}").getmember(member)
        count += 1
    assert count == len(listed), count
else:
    for facts in listed:
        tell(facts["path"], Image.open(f"{folder}/{facts['file']}"))
