/* A contract double: reading a table's fields by their numbers. */
#ifndef FLATBUFFERS_FLATBUFFERS_H_
#define FLATBUFFERS_FLATBUFFERS_H_

#include <cstdint>
#include <cstring>

#define FLATBUFFERS_VERSION_MAJOR 23
#define FLATBUFFERS_VERSION_MINOR 5
#define FLATBUFFERS_VERSION_REVISION 26

#if !defined(FLATBUFFERS_LOCALE_INDEPENDENT) || FLATBUFFERS_LOCALE_INDEPENDENT != 0
#error "FLATBUFFERS_LOCALE_INDEPENDENT has to be 0"
#endif

#ifndef FLATBUFFERS_PREFER_PRINTF
#error "FLATBUFFERS_PREFER_PRINTF has to be defined: streams would come in otherwise"
#endif

namespace flatbuffers {

template <typename T>
T Read(const uint8_t *at) {
  T value;
  memcpy(&value, at, sizeof value);
  return value;
}

inline const uint8_t *Follow(const uint8_t *at) { return at + Read<uint32_t>(at); }

/* The place of field `number` of a table, null when it has its default. */
inline const uint8_t *Field(const uint8_t *table, int number) {
  const uint8_t *vtable = table - Read<int32_t>(table);
  const int at = 4 + 2 * number;
  if (at >= Read<uint16_t>(vtable)) {
    return nullptr;
  }
  const uint16_t offset = Read<uint16_t>(vtable + at);
  return offset ? table + offset : nullptr;
}

/* A vector: length, then elements. */
struct Vector {
  const uint8_t *data;
  uint32_t size;
};

inline Vector VectorField(const uint8_t *table, int number) {
  const uint8_t *field = Field(table, number);
  if (field == nullptr) {
    return {nullptr, 0};
  }
  const uint8_t *vector = Follow(field);
  return {vector + 4, Read<uint32_t>(vector)};
}

inline const uint8_t *TableAt(Vector vector, uint32_t index) {
  return Follow(vector.data + 4 * index);
}

}  // namespace flatbuffers

#endif
