// A hash table from keys to values, which owns both.
#ifndef TABLE_H
#define TABLE_H

#include "message.h"

typedef struct Item {
  Slice key, data, content_type;
  // Of the write that made it; greater than that of every earlier write.
  uint64_t version;
  struct Item *next;
} Item;

// NULL where there is none.
Item *table_find(Slice key);
void table_put(Slice key, Slice data, Slice content_type);
void table_remove(Slice key);

#endif
