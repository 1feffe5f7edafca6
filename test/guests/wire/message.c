#include "message.h"

#include <stdlib.h>
#include <string.h>

static bool read_varint(Slice *rest, uint64_t *value) {
  *value = 0;
  for (int shift = 0; shift < 70 && rest->size > 0; shift += 7) {
    uint8_t byte = *rest->data++;
    rest->size--;
    if (shift < 64) *value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

static bool take(Slice *rest, uint64_t size, Slice *taken) {
  if (size > rest->size) return false;
  *taken = (Slice){rest->data, (size_t)size};
  rest->data += size;
  rest->size -= (size_t)size;
  return true;
}

bool next_field(Slice *rest, Field *field, bool *malformed) {
  if (rest->size == 0) return false;
  *malformed = true;
  uint64_t tag, size;
  if (!read_varint(rest, &tag)) return false;
  *field = (Field){.number = (uint32_t)(tag >> 3)};
  Slice skipped;
  switch (tag & 7) {
    case 0:
      *malformed = !read_varint(rest, &field->value);
      break;
    case 1:
      *malformed = !take(rest, 8, &skipped);
      break;
    case 2:
      *malformed = !read_varint(rest, &size) || !take(rest, size, &field->bytes);
      break;
    case 5:
      *malformed = !take(rest, 4, &skipped);
      break;
  }
  return !*malformed;
}

static void append(Message *m, const uint8_t *data, size_t size) {
  if (m->size + size > m->room) {
    m->room = (m->size + size) * 2;
    m->data = realloc(m->data, m->room);
    if (m->data == NULL) __builtin_trap();
  }
  if (size > 0) memcpy(m->data + m->size, data, size);
  m->size += size;
}

static void append_varint(Message *m, uint64_t value) {
  uint8_t bytes[10];
  size_t size = 0;
  do {
    bytes[size++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>= 7;
  } while (value > 0);
  append(m, bytes, size);
}

void message_start(Message *m) { m->size = 0; }

void message_nested(Message *m, uint32_t number, Slice bytes) {
  append_varint(m, (uint64_t)number << 3 | 2);
  append_varint(m, bytes.size);
  append(m, bytes.data, bytes.size);
}

void message_bytes(Message *m, uint32_t number, Slice bytes) {
  if (bytes.size > 0) message_nested(m, number, bytes);
}

Slice slice_of(const char *text) { return (Slice){(const uint8_t *)text, strlen(text)}; }

bool slice_equal(Slice a, Slice b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

Slice slice_copy(Slice from) {
  if (from.size == 0) return (Slice){NULL, 0};
  uint8_t *copy = malloc(from.size);
  if (copy == NULL) __builtin_trap();
  memcpy(copy, from.data, from.size);
  return (Slice){copy, from.size};
}
