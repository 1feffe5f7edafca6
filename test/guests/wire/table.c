#include "table.h"

#include <stdlib.h>

static Item **buckets;
static size_t bucket_count, item_count;
static uint64_t newest_version;

// FNV-1a.
static size_t hash(Slice key) {
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < key.size; i++) h = (h ^ key.data[i]) * 16777619u;
  return h;
}

static Item **place_of(Slice key) {
  Item **place = &buckets[hash(key) & (bucket_count - 1)];
  while (*place != NULL && !slice_equal((*place)->key, key)) place = &(*place)->next;
  return place;
}

static void make_room(void) {
  if (item_count < bucket_count) return;
  Item **old = buckets;
  size_t old_count = bucket_count;
  bucket_count = old_count == 0 ? 64 : old_count * 2;
  buckets = calloc(bucket_count, sizeof(Item *));
  if (buckets == NULL) __builtin_trap();
  for (size_t i = 0; i < old_count; i++) {
    for (Item *item = old[i], *next; item != NULL; item = next) {
      next = item->next;
      item->next = NULL;
      *place_of(item->key) = item;
    }
  }
  free(old);
}

Item *table_find(Slice key) { return bucket_count == 0 ? NULL : *place_of(key); }

void table_put(Slice key, Slice data, Slice content_type) {
  make_room();
  Item **place = place_of(key);
  Item *item = *place;
  if (item == NULL) {
    item = *place = calloc(1, sizeof(Item));
    if (item == NULL) __builtin_trap();
    item->key = slice_copy(key);
    item_count++;
  } else {
    free((void *)item->data.data);
    free((void *)item->content_type.data);
  }
  item->data = slice_copy(data);
  item->content_type = slice_copy(content_type);
  item->version = ++newest_version;
}

void table_remove(Slice key) {
  if (bucket_count == 0) return;
  Item **place = place_of(key);
  Item *item = *place;
  if (item == NULL) return;
  *place = item->next;
  free((void *)item->key.data);
  free((void *)item->data.data);
  free((void *)item->content_type.data);
  free(item);
  item_count--;
}
