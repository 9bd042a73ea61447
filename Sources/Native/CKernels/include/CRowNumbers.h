#ifndef CROW_NUMBERS_H
#define CROW_NUMBERS_H

/// The numbers in a step of the rows of one process: first, first + step, first + 2 step and so on. A
/// process that trains alone has 0 and 1.
typedef struct {
  long first;
  long step;
} CRowNumbers;

static inline long crow_number(CRowNumbers numbers, long row) {
  return numbers.first + row * numbers.step;
}

#endif
