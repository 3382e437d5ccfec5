/* CONV_2D for V with positions as lanes: the rows of the input that a vector of outputs needs
 * become planes of int16, one per channel (and, with strides, per phase of rows and columns: what
 * an output needs is then side by side again). vector_planes.S multiplies. The rows that the next
 * vector needs too are moved to the planes' start.
 */
#include "mlbench_tuned.h"

void mlbench_tuned_vector_conv2d_planes(const struct mlbench_tuned_vector_planes_conv2d *params,
                                        const int8_t *input, int8_t *output, void *scratch) {
  const struct mlbench_tuned_vector_planes *planes = params->planes;
  const struct mlbench_tuned_vector_gather *gather = params->gather;
  const int32_t row = planes->row;
  uint8_t *masks = scratch;
  int8_t *kept = (int8_t *)scratch + params->mask_bytes;
  for (int32_t n = 0; n < params->images; ++n) {
    int32_t top = 0; /* the row of outputs whose first row of taps is the planes' first row */
    int32_t made = 0;
    for (int32_t lane = 0; lane < params->all_lanes; lane += params->lanes) {
      const int32_t left = params->all_lanes - lane;
      const int32_t count = left < params->lanes ? left : params->lanes;
      const int32_t first = lane / row;
      const int32_t end = (lane + count - 1) / row + params->reach;
      if (first > top && made > first) {
        mlbench_tuned_vector_copy_rows(kept, kept + (first - top) * row * 2,
                                       gather->phases * gather->planes, gather->pitch,
                                       gather->pitch, (made - first) * row * 2);
      }
      top = first;
      if (end > made) {
        mlbench_tuned_vector_gather_planes(gather, (int16_t *)(void *)kept + (made - top) * row,
                                           input, made * gather->stride_h, (end - made) * row);
        made = end;
      }
      output += params->multiply(planes, (const int16_t *)(void *)kept + (lane - top * row), output,
                                 lane - top * row, count, masks) *
                planes->channels;
    }
    input += params->input_bytes;
  }
}
