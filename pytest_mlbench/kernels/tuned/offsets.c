/* Asserts that the offsets in assembly match the structs; otherwise the build fails. No code. */
#include <stddef.h>

#include "mlbench_tuned.h"
#include "mlbench_tuned_offsets.h"

#define AT(offset, type, field) \
  _Static_assert(offsetof(struct mlbench_tuned_##type, field) == (offset), #type "." #field)

AT(GEMM_STREAM, gemm, stream);
AT(GEMM_WEIGHT_BYTES, gemm, weight_bytes);
AT(GEMM_PITCH, gemm, pitch);
AT(GEMM_RANGE, gemm, range);
AT(GEMM_LOW, gemm, low);
AT(GEMM_SIGNED, gemm, is_signed);

AT(DW_CONSTANTS, depthwise_3x3, constants);
AT(DW_CHANNELS, depthwise_3x3, channels);
AT(DW_ROW, depthwise_3x3, row);
AT(DW_OUTPUT_ROW, depthwise_3x3, output_row);
AT(DW_COLUMNS, depthwise_3x3, columns);
AT(DW_LEFT, depthwise_3x3, left);
AT(DW_RIGHT, depthwise_3x3, right);
AT(DW_TOP, depthwise_3x3, top);
AT(DW_BOTTOM, depthwise_3x3, bottom);
AT(DW_TURNS, depthwise_3x3, turns);
AT(DW_ENTRY, depthwise_3x3, entry);
AT(DW_ZERO_POINT, depthwise_3x3, zero_point);
AT(DW_RANGE, depthwise_3x3, range);
AT(DW_LOW, depthwise_3x3, low);
AT(DW_KEPT, depthwise_3x3, kept);
AT(DW_ROWS, depthwise_3x3, rows);

AT(FC_STREAM, fully_connected, stream);
AT(FC_K, fully_connected, k);
AT(FC_OUTPUTS, fully_connected, outputs);
AT(FC_MULTIPLIER, fully_connected, multiplier);
AT(FC_OFFSET, fully_connected, offset);
AT(FC_LEFT_SHIFT, fully_connected, left_shift);
AT(FC_SHIFT, fully_connected, shift);
AT(FC_SIGN, fully_connected, sign);
AT(FC_RANGE, fully_connected, range);
AT(FC_LOW, fully_connected, low);

AT(FG_STREAM, pairs_call, stream);
AT(FG_ROWS, pairs_call, rows);
AT(FG_OUT_A, pairs_call, output_a);
AT(FG_OUT_B, pairs_call, output_b);
AT(FG_DOUBLES, pairs_call, doubles);
AT(FG_CHANNELS, pairs_call, channels);
AT(FG_GROUP_BYTES, pairs_call, group_bytes);
AT(FG_RUNS, pairs_call, runs);
AT(FG_RUN, pairs_call, run);
AT(FG_PITCH, pairs_call, pitch);
AT(FG_OUT_PITCH, pairs_call, output_pitch);
AT(FG_PAIRS, pairs_call, pairs);

AT(WG_STREAM, winograd_call, stream);
AT(WG_VALUES, winograd_call, values);
AT(WG_SUMS, winograd_call, sums);
AT(WG_OUT_A, winograd_call, output_a);
AT(WG_OUT_B, winograd_call, output_b);
AT(WG_ROW, winograd_call, row);
AT(WG_CHANNELS, winograd_call, channels);
AT(WG_STEPS, winograd_call, steps);

AT(DD_LEFT, depthwise_pairs_call, left);
AT(DD_RIGHT, depthwise_pairs_call, right);
AT(DD_STREAM, depthwise_pairs_call, stream);
AT(DD_AWAY, depthwise_pairs_call, away);
AT(DD_FIRST_A, depthwise_pairs_call, first_a);
AT(DD_FIRST_B, depthwise_pairs_call, first_b);
AT(DD_SECOND_A, depthwise_pairs_call, second_a);
AT(DD_SECOND_B, depthwise_pairs_call, second_b);
AT(DD_LAST_A, depthwise_pairs_call, last_a);
AT(DD_LAST_B, depthwise_pairs_call, last_b);
AT(DD_STOP, depthwise_pairs_call, stop);
AT(DD_OUTPUT_A, depthwise_pairs_call, output_a);
AT(DD_OUTPUT_B, depthwise_pairs_call, output_b);
AT(DD_ROW, depthwise_pairs_call, row);
AT(DD_OUTPUT_ROW, depthwise_pairs_call, output_row);
AT(DD_CHANNELS, depthwise_pairs_call, channels);
AT(DD_AWAY_STEP, depthwise_pairs_call, away_step);
AT(DD_OPEN, depthwise_pairs_call, open);

AT(VG_STREAM, vector_gemm, stream);
AT(VG_RUNS, vector_gemm, runs);
AT(VG_RUN, vector_gemm, run);
AT(VG_SKIP, vector_gemm, skip);
AT(VG_PITCH, vector_gemm, pitch);
AT(VG_WIDTH, vector_gemm, width);
AT(VG_JUMP, vector_gemm, jump);
AT(VG_CHANNELS, vector_gemm, channels);
AT(VG_ZERO_POINT, vector_gemm, zero_point);
AT(VG_LOW, vector_gemm, low);
AT(VG_HIGH, vector_gemm, high);
AT(VG_SIGNED, vector_gemm, is_signed);

AT(VD_STREAM, vector_depthwise, weights);
AT(VD_BIAS, vector_depthwise, constants);
AT(VD_CHANNELS, vector_depthwise, channels);
AT(VD_ROW, vector_depthwise, row);
AT(VD_OUTPUT_H, vector_depthwise, output_h);
AT(VD_OUTPUT_W, vector_depthwise, output_w);
AT(VD_STEP, vector_depthwise, step);
AT(VD_ROW_STEP, vector_depthwise, row_step);
AT(VD_ZERO_POINT, vector_depthwise, zero_point);
AT(VD_LOW, vector_depthwise, low);
AT(VD_HIGH, vector_depthwise, high);
AT(VD_SIGNED, vector_depthwise, is_signed);

AT(VP_STREAM, vector_planes, stream);
AT(VP_OFFSETS, vector_planes, offsets);
AT(VP_SHIFTS, vector_planes, shifts);
AT(VP_FILTER_H, vector_planes, filter_h);
AT(VP_FILTER_W, vector_planes, filter_w);
AT(VP_PLANES, vector_planes, planes);
AT(VP_PITCH, vector_planes, pitch);
AT(VP_ROW, vector_planes, row);
AT(VP_OUTPUT_W, vector_planes, output_w);
AT(VP_CHANNELS, vector_planes, channels);
AT(VP_LARGE, vector_planes, large);
AT(VP_SMALL, vector_planes, small);
AT(VP_INPUT_ZERO, vector_planes, input_zero);
AT(VP_ZERO_POINT, vector_planes, zero_point);
AT(VP_LOW, vector_planes, low);
AT(VP_HIGH, vector_planes, high);
AT(VP_SIGNED, vector_planes, is_signed);

AT(VS_STARTS, vector_gather, starts);
AT(VS_PHASES, vector_gather, phases);
AT(VS_PLANES, vector_gather, planes);
AT(VS_PITCH, vector_gather, pitch);
AT(VS_ROW, vector_gather, row);
AT(VS_STRIDE_H, vector_gather, stride_h);
AT(VS_STRIDE_W, vector_gather, stride_w);
AT(VS_INPUT_H, vector_gather, input_h);
AT(VS_INPUT_W, vector_gather, input_w);
AT(VS_ZERO, vector_gather, input_zero);

AT(VF_WEIGHTS, vector_fully_connected, weights);
AT(VF_CONSTANTS, vector_fully_connected, constants);
AT(VF_ROWS, vector_fully_connected, rows);
AT(VF_K, vector_fully_connected, k);
AT(VF_CHANNELS, vector_fully_connected, channels);
AT(VF_ZERO_POINT, vector_fully_connected, zero_point);
AT(VF_LOW, vector_fully_connected, low);
AT(VF_HIGH, vector_fully_connected, high);
AT(VF_SIGNED, vector_fully_connected, is_signed);

AT(VA_COUNT, vector_add, count);
AT(VA_LEFT_OFFSET, vector_add, left_offset);
AT(VA_LEFT_MULTIPLIER, vector_add, left_multiplier);
AT(VA_LEFT_E, vector_add, left_e);
AT(VA_RIGHT_OFFSET, vector_add, right_offset);
AT(VA_RIGHT_MULTIPLIER, vector_add, right_multiplier);
AT(VA_RIGHT_E, vector_add, right_e);
AT(VA_MULTIPLIER, vector_add, multiplier);
AT(VA_E, vector_add, e);
AT(VA_ZERO_POINT, vector_add, zero_point);
AT(VA_LOW, vector_add, low);
AT(VA_HIGH, vector_add, high);
AT(VA_IS_SIGNED, vector_add, is_signed);

AT(VE_COUNT, vector_arithmetic, count);
AT(VE_PERIOD, vector_arithmetic, period);
AT(VE_LEFT_OFFSET, vector_arithmetic, left_offset);
AT(VE_LEFT_MULTIPLIER, vector_arithmetic, left_multiplier);
AT(VE_LEFT_E, vector_arithmetic, left_e);
AT(VE_RIGHT_OFFSET, vector_arithmetic, right_offset);
AT(VE_RIGHT_MULTIPLIER, vector_arithmetic, right_multiplier);
AT(VE_RIGHT_E, vector_arithmetic, right_e);
AT(VE_RIGHT_SIGN, vector_arithmetic, right_sign);
AT(VE_MULTIPLIER, vector_arithmetic, multiplier);
AT(VE_E, vector_arithmetic, e);
AT(VE_ZERO_POINT, vector_arithmetic, zero_point);
AT(VE_LOW, vector_arithmetic, low);
AT(VE_HIGH, vector_arithmetic, high);
AT(VE_IS_SIGNED, vector_arithmetic, is_signed);

AT(VC_SLOPES, vector_channel_line, slopes);
AT(VC_OFFSETS, vector_channel_line, offsets);
AT(VC_SECOND_SLOPES, vector_channel_line, second_slopes);
AT(VC_SECOND_OFFSETS, vector_channel_line, second_offsets);
AT(VC_COUNT, vector_channel_line, count);
AT(VC_PERIOD, vector_channel_line, period);
AT(VC_THRESHOLD, vector_channel_line, threshold);
AT(VC_STEP, vector_channel_line, step);
AT(VC_SHIFT, vector_channel_line, shift);
AT(VC_LOW, vector_channel_line, low);
AT(VC_HIGH, vector_channel_line, high);
AT(VC_SECOND_THRESHOLD, vector_channel_line, second_threshold);
AT(VC_SECOND_STEP, vector_channel_line, second_step);
AT(VC_SECOND_SHIFT, vector_channel_line, second_shift);
AT(VC_SECOND_LOW, vector_channel_line, second_low);
AT(VC_SECOND_HIGH, vector_channel_line, second_high);

AT(S2_TABLE, softmax_two, table);
AT(S2_ROWS, softmax_two, rows);

AT(LK_TABLE, lookup, table);
AT(LK_COUNT, lookup, count);

AT(PL_BATCHES, pool2d, batches);
AT(PL_INPUT_H, pool2d, input_h);
AT(PL_INPUT_W, pool2d, input_w);
AT(PL_CHANNELS, pool2d, channels);
AT(PL_OUTPUT_H, pool2d, output_h);
AT(PL_OUTPUT_W, pool2d, output_w);
AT(PL_STRIDE_H, pool2d, stride_h);
AT(PL_STRIDE_W, pool2d, stride_w);

AT(MN_OUTER, mean, outer);
AT(MN_ROWS, mean, rows);
AT(MN_CHANNELS, mean, channels);
AT(MN_OFFSET, mean, offset);
AT(MN_MULTIPLIER, mean, multiplier);
AT(MN_SHIFT, mean, shift);
AT(MN_OUTPUT_OFFSET, mean, output_offset);

AT(XD_CONSTANTS, xpulp_depthwise, constants);
AT(XD_CHANNELS, xpulp_depthwise, channels);
AT(XD_STRIDE, xpulp_depthwise, stride);
AT(XD_ZERO_POINT, xpulp_depthwise, zero_point);
AT(XD_PLANE_BYTES, xpulp_depthwise, plane_bytes);
AT(XD_FIRST, xpulp_depthwise, first);
AT(XD_PITCH, xpulp_depthwise, pitch);
AT(XD_LINE_STEP, xpulp_depthwise, line_step);
AT(XD_INPUT_LINES, xpulp_depthwise, input_lines);
AT(XD_INPUT_RUN, xpulp_depthwise, input_run);
AT(XD_INPUT_STEP, xpulp_depthwise, input_step);
AT(XD_INPUT_LINE, xpulp_depthwise, input_line);
AT(XD_LINES, xpulp_depthwise, lines);
AT(XD_BLOCKS, xpulp_depthwise, blocks);
AT(XD_REST, xpulp_depthwise, rest);
AT(XD_OUTPUT_STEP, xpulp_depthwise, output_step);
AT(XD_OUTPUT_LINE, xpulp_depthwise, output_line);
AT(XD_RANGE, xpulp_depthwise, range);
AT(XD_LOW, xpulp_depthwise, low);
AT(XD_SIGNED, xpulp_depthwise, is_signed);

AT(XW_ROWS, xpulp_window, rows);
AT(XW_COLUMNS, xpulp_window, columns);
AT(XW_PITCH, xpulp_window, pitch);
AT(XW_ROW_STEP, xpulp_window, row_step);
AT(XW_WORDS, xpulp_window, words);
AT(XW_START, xpulp_window, start);
AT(XW_CONSTANTS, xpulp_window, constants);
AT(XW_HIGH, xpulp_window, constants[4]);
AT(XW_BITS, xpulp_window, constants[4]);
AT(XW_BEND, xpulp_window, constants[5]);
AT(XW_BELOW, xpulp_window, constants[6]);

AT(AL_COUNT, add_line, count);
AT(AL_LEFT, add_line, left);
AT(AL_RIGHT, add_line, right);
AT(AL_OFFSET, add_line, offset);
AT(AL_SHIFT, add_line, shift);
AT(AL_RANGE, add_line, range);
AT(AL_LOW, add_line, low);

AT(SM_ROWS, softmax, rows);
AT(SM_DEPTH, softmax, depth);
AT(SM_MULTIPLIER, softmax, multiplier);
AT(SM_SHIFT, softmax, shift);
AT(SM_DIFF_MIN, softmax, diff_min);
