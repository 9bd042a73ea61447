"""Figures of scores by scikit-learn and SciPy.

Reads {"scores": [...], "genuine": [...], "proportions": [[count, total], ...], "probabilities": [...]}
from the file named first; prints the figures as JSON.
"""
import json
import sys

import numpy
from scipy.stats import beta, norm
from sklearn.metrics import f1_score, precision_score, roc_auc_score, roc_curve
from sklearn.metrics import balanced_accuracy_score

given = json.load(open(sys.argv[1]))
scores, genuine = numpy.array(given["scores"]), numpy.array(given["genuine"])
far, gar, thresholds = roc_curve(genuine, scores, drop_intermediate=False)
accepted = scores >= given["threshold"]


def interval(count, total):
    low = 0 if count == 0 else beta.ppf(0.025, count, total - count + 1)
    high = 1 if count == total else beta.ppf(0.975, count + 1, total - count)
    return [float(low), float(high)]


print(json.dumps({
    "auc": float(roc_auc_score(genuine, scores)),
    "far": far.tolist(),
    "gar": gar.tolist(),
    "thresholds": [None] + thresholds[1:].tolist(),
    "precision": float(precision_score(genuine, accepted)),
    "f1": float(f1_score(genuine, accepted)),
    "balanced": float(balanced_accuracy_score(genuine, accepted)),
    "intervals": [interval(*p) for p in given["proportions"]],
    "deviates": norm.ppf(given["probabilities"]).tolist(),
}))
