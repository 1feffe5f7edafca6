// A store of the dialect store-v0.1: a command whose exports are called after main has ended,
// with no way to report an error (every failure is 0) and one etag for everything.
#include <stdlib.h>

#include "../wire/table.h"

#define EXPORT(name) __attribute__((export_name(#name)))

static Message answer;

// TinyGo's commands of that time end so, and the host must take it for success.
int main(void) { exit(0); }

// Field `number` of a request, empty where it has none; false if it is no message.
static bool read_bytes(Slice request, uint32_t number, Slice *found) {
  bool malformed = false;
  Field field;
  *found = (Slice){0};
  while (next_field(&request, &field, &malformed))
    if (field.number == number) *found = field.bytes;
  return !malformed;
}

EXPORT(store_api_version) uint64_t api_version(void) { return 1; }

EXPORT(store_init) uint64_t init(const uint8_t *data, size_t size) {
  (void)data, (void)size;
  return 0;
}

EXPORT(store_features) uint64_t features(const uint8_t *data, size_t size) {
  (void)data, (void)size;
  return 0;
}

EXPORT(store_get) uint64_t get(const uint8_t *data, size_t size) {
  Slice key;
  if (!read_bytes((Slice){data, size}, 1, &key)) return 0;
  const Item *item = table_find(key);
  if (item == NULL) return 0;
  message_start(&answer);
  message_bytes(&answer, 1, item->data);
  message_bytes(&answer, 2, slice_of("test"));
  message_bytes(&answer, 4, item->content_type);
  return (uint64_t)(uintptr_t)answer.data << 32 | answer.size;
}

EXPORT(store_set) uint64_t set(const uint8_t *data, size_t size) {
  Slice request = {data, size}, key, value, content_type;
  if (read_bytes(request, 1, &key) && read_bytes(request, 2, &value) &&
      read_bytes(request, 6, &content_type))
    table_put(key, value, content_type);
  return 0;
}

EXPORT(store_delete) uint64_t delete(const uint8_t *data, size_t size) {
  Slice key;
  if (read_bytes((Slice){data, size}, 1, &key)) table_remove(key);
  return 0;
}
