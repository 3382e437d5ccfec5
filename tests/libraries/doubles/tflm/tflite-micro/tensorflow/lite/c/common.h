/* A contract double of the C types that applications see. */
#ifndef TENSORFLOW_LITE_C_COMMON_H_
#define TENSORFLOW_LITE_C_COMMON_H_

#include <cstddef>
#include <cstdint>

#ifndef TF_LITE_STATIC_MEMORY
#error "TF_LITE_STATIC_MEMORY has to be defined for library and application alike"
#endif

typedef enum TfLiteStatus { kTfLiteOk = 0, kTfLiteError = 1 } TfLiteStatus;

typedef union TfLitePtrUnion {
  int8_t *int8;
  char *raw;
  void *data;
} TfLitePtrUnion;

/* A scale and a zero point per channel, or one of each. */
typedef struct TfLiteAffineQuantization {
  const uint8_t *scale; /* in the model file */
  int32_t *zero_point;
  int32_t channels;
} TfLiteAffineQuantization;

typedef struct TfLiteTensor {
  TfLitePtrUnion data;
  size_t bytes;
  const uint8_t *table;
  TfLiteAffineQuantization *quantization; /* of temporary tensors only */
  uint8_t more[40];                       /* the real struct has about 60 bytes on rv32 */
} TfLiteTensor;

#endif
