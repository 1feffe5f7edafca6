// A store of the dapr dialect that exports no bulk calls, no Ping and no transactions: the host
// supplies what it can of these. Errors are JSON for etags, plain text otherwise.
#include <stdlib.h>
#include <string.h>

#include "../wire/table.h"

#define EXPORT(name) __attribute__((export_name(#name)))

static Message answer;

static uint64_t success(void) { return (uint64_t)(uintptr_t)answer.data << 32 | answer.size; }

static uint64_t failure(const char *text) {
  return (uint64_t)(uintptr_t)text << 32 | 1u << 31 | strlen(text);
}

static const char NOT_A_MESSAGE[] = "the request is not the message that it should be";
static const char ETAG_MISMATCH[] =
    "{\"code\":\"FAILED_PRECONDITION\",\"reason\":\"ETAG_MISMATCH\",\"message\":\"etag differs\"}";
static const char ETAG_INVALID[] =
    "{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"ETAG_INVALID\",\"message\":\"etags are decimal\"}";

// What Set and Delete have in common; Delete lacks value and content type.
typedef struct {
  Slice key, value, etag, content_type;
  bool first_write;
} Change;

// The fields' numbers differ between SetRequest and DeleteRequest; `shift` is the difference.
static bool read_change(Slice request, uint32_t shift, Change *change) {
  *change = (Change){0};
  bool malformed = false;
  Field field, nested;
  while (next_field(&request, &field, &malformed)) {
    if (field.number == 1) change->key = field.bytes;
    if (field.number == 2 && shift == 0) change->value = field.bytes;
    if (field.number == 6 && shift == 0) change->content_type = field.bytes;
    if (field.number == 3 - shift)
      while (next_field(&field.bytes, &nested, &malformed))
        if (nested.number == 1) change->etag = nested.bytes;
    if (field.number == 5 - shift)
      while (next_field(&field.bytes, &nested, &malformed))
        if (nested.number == 1) change->first_write = nested.value == 1;
    if (malformed) break;
  }
  return !malformed;
}

static Slice etag_of(uint64_t version) {
  static char digits[20];
  size_t start = sizeof digits;
  do digits[--start] = (char)('0' + version % 10);
  while (version /= 10);
  return (Slice){(const uint8_t *)digits + start, sizeof digits - start};
}

// NULL where the change may happen.
static const char *refuse(const Change *change) {
  const Item *item = table_find(change->key);
  if (change->etag.size == 0) return change->first_write && item != NULL ? ETAG_MISMATCH : NULL;
  for (size_t i = 0; i < change->etag.size; i++)
    if (change->etag.data[i] < '0' || change->etag.data[i] > '9') return ETAG_INVALID;
  if (item == NULL || !slice_equal(etag_of(item->version), change->etag)) return ETAG_MISMATCH;
  return NULL;
}

EXPORT(state_store_api_version) uint64_t api_version(void) { return 1; }

EXPORT(state_store_init) uint64_t init(const uint8_t *data, size_t size) {
  (void)data, (void)size;
  return 0;
}

EXPORT(state_store_features) uint64_t features(const uint8_t *data, size_t size) {
  (void)data, (void)size;
  message_start(&answer);
  message_bytes(&answer, 1, slice_of("ETAG"));
  return success();
}

EXPORT(state_store_get) uint64_t get(const uint8_t *data, size_t size) {
  Slice request = {data, size}, key = {0};
  bool malformed = false;
  Field field;
  while (next_field(&request, &field, &malformed))
    if (field.number == 1) key = field.bytes;
  if (malformed) return failure(NOT_A_MESSAGE);
  const Item *item = table_find(key);
  if (item == NULL) return 0;
  static Message etag;
  message_start(&etag);
  message_bytes(&etag, 1, etag_of(item->version));
  message_start(&answer);
  message_bytes(&answer, 1, item->data);
  message_nested(&answer, 2, (Slice){etag.data, etag.size});
  message_bytes(&answer, 4, item->content_type);
  return success();
}

EXPORT(state_store_set) uint64_t set(const uint8_t *data, size_t size) {
  Change change;
  if (!read_change((Slice){data, size}, 0, &change)) return failure(NOT_A_MESSAGE);
  const char *refused = refuse(&change);
  if (refused != NULL) return failure(refused);
  table_put(change.key, change.value, change.content_type);
  return 0;
}

EXPORT(state_store_delete) uint64_t delete(const uint8_t *data, size_t size) {
  Change change;
  if (!read_change((Slice){data, size}, 1, &change)) return failure(NOT_A_MESSAGE);
  const char *refused = refuse(&change);
  if (refused != NULL) return failure(refused);
  table_remove(change.key);
  return 0;
}
