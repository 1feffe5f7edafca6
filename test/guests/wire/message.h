// Protobuf's wire format, as much of it as a state store needs: varints and length-delimited
// fields; every other field is skipped.
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes that somebody else owns.
typedef struct {
  const uint8_t *data;
  size_t size;
} Slice;

typedef struct {
  uint32_t number;
  // Of a length-delimited field; empty for others.
  Slice bytes;
  // Of a varint field; 0 for others.
  uint64_t value;
} Field;

// Takes the next field off `rest`. False at the end, and where the bytes are no message, in
// which case `malformed` is set.
bool next_field(Slice *rest, Field *field, bool *malformed);

// A message under construction. The bytes live until the next message_start on it.
typedef struct {
  uint8_t *data;
  size_t size, room;
} Message;

void message_start(Message *m);
// Nothing is written for an empty slice, as proto3 has it.
void message_bytes(Message *m, uint32_t number, Slice bytes);
// Writes the field even if it is empty.
void message_nested(Message *m, uint32_t number, Slice bytes);

Slice slice_of(const char *text);
bool slice_equal(Slice a, Slice b);
// A copy in memory of its own, which the caller frees.
Slice slice_copy(Slice from);

#endif
