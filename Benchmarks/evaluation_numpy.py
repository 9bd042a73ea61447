"""All pairs of embeddings by cosine in NumPy, to the ROC and its area: prints seconds and the area.

usage: evaluation_numpy.py EMBEDDINGS.npy PEOPLE.txt
"""
import sys
import time

import numpy

x = numpy.load(sys.argv[1])
people = numpy.unique(open(sys.argv[2]).read().splitlines(), return_inverse=True)[1].astype("int32")
start = time.monotonic()
x /= numpy.linalg.norm(x, axis=1, keepdims=True)
rows, columns = numpy.triu_indices(len(x), 1)
scores = (x @ x.T)[rows, columns]
genuine = people[rows] == people[columns]
order = numpy.argsort(-scores, kind="stable")
genuine, scores = genuine[order], scores[order]
last = numpy.append(numpy.flatnonzero(numpy.diff(scores)), len(scores) - 1)
gar = numpy.append(0, numpy.cumsum(genuine)[last] / genuine.sum())
far = numpy.append(0, numpy.cumsum(~genuine)[last] / (~genuine).sum())
area = numpy.trapezoid(gar, far)
print(time.monotonic() - start, area)
