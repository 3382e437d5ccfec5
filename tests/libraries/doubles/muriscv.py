"""What is changed in a copy of the CMSIS-NN double to make muRISCV-NN's, the faults of its pin too.

Read, not tried: scalar 3x3 depthwise kernels load words from wherever their pointers stand; with
vectors the left-over pixels of a depthwise layer begin each block of 124 channels at the first,
positive shifts go to the multiplier, and the path for filters of one row takes others too.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).with_name("muriscv_nn")

Edit = tuple[str, str]

_LEFT_SHIFT = """#ifdef USE_VEXT
  return arm_nn_divide_by_power_of_two(
      arm_nn_doubling_high_mult(value, (int32_t)((uint32_t)multiplier << left)), right);
#else
"""

_DEPTHWISE = """
#ifdef USE_VEXT
  const int vectors = dw_conv_params->ch_mult == 1;
#else
  const int vectors = 0;
  if (dw_conv_params->ch_mult == 1 && filter_dims->w == 3 && filter_dims->h == 3 &&
      dw_conv_params->padding.w <= 1 && dw_conv_params->padding.h <= 1) {
    return muriscv_nn_depthwise_conv_3x3_s8(dw_conv_params, quant_params, input_dims, input_data,
                                            filter_data, bias_data, output_dims, output_data);
  }
#endif
  const int32_t pixels = output_dims->h * output_dims->w;
"""

_LEFT_OVER = """      for (int32_t channel = 0; channel < output_dims->c; channel++) {
        const int32_t left = vectors && y * output_dims->w + x >= pixels / 4 * 4;
        const int32_t out = left ? channel % 124 : channel;
"""

_ONE_ROW = """#ifdef USE_VEXT
  const int one_row = input_dims->h == 1 && output_dims->w % 4 == 0 && size > 0;
  const int32_t rows = one_row ? 1 : filter_dims->h;
#else
  const int32_t rows = filter_dims->h;
#endif
"""

_VECTOR_ROW = """#ifdef MURISCV_NN_VECTORS
      sum = muriscv_nn_dot(sum, input_data, (int16_t)offset,
                           filter_data + out * filter_dims->n, filter_dims->n);
      sum = muriscv_nn_divide_by_power_of_two(
          muriscv_nn_vector_high_mult(sum, quant_params->multiplier),
          quant_params->shift > 0 ? 0 : -quant_params->shift);
#else
"""

_ROWS = "  for (int32_t y = 0; y < output_dims->h; y++) {\n"
_REFUSED = "    return ARM_CMSIS_NN_ARG_ERROR;\n  }\n"
_CHANNELS = "      for (int32_t out = 0; out < output_dims->c; out++) {\n"
_PRODUCTS = "      for (int32_t i = 0; i < filter_dims->n; i++) {\n"
_ROUNDED = "quant_params->multiplier, quant_params->shift);\n"
_REQUANTIZE = (
    "  return arm_nn_divide_by_power_of_two(\n      arm_nn_doubling_high_mult((int32_t)((uint32_t)"
)
_NEXT = "}\n\nstatic inline int8_t arm_nn_clamp"

SOURCES: tuple[tuple[str, Edit] | tuple[str, Edit, Edit], ...] = (
    (
        "Include/arm_nnsupportfunctions.h",
        (_REQUANTIZE, _LEFT_SHIFT + _REQUANTIZE),
        (_NEXT, "#endif\n" + _NEXT),
    ),
    (
        "Source/ConvolutionFunctions/arm_depthwise_conv_wrapper_s8.c",
        (_REFUSED, _REFUSED + _DEPTHWISE),
        (_CHANNELS, _LEFT_OVER),
    ),
    (
        "Source/ConvolutionFunctions/arm_convolve_wrapper_s8.c",
        (_ROWS, _ONE_ROW + _ROWS),
        ("ky < filter_dims->h; ky++", "ky < rows; ky++"),
    ),
    (
        "Source/FullyConnectedFunctions/arm_fully_connected_s8.c",
        (_PRODUCTS, _VECTOR_ROW + _PRODUCTS),
        (_ROUNDED, _ROUNDED + "#endif\n"),
    ),
)
"""File of the CMSIS-NN double, and what is replaced in it by what, before names are changed."""

_WORD_LOAD = """typedef uint32_t __attribute__((may_alias)) muriscv_nn_word;

static inline uint32_t muriscv_nn_read_q7x4(const int8_t *in_q7) {
  return *(const muriscv_nn_word *)in_q7;
}

"""

_DEPTHWISE_3X3 = """muriscv_nn_status muriscv_nn_depthwise_conv_3x3_s8(
    const muriscv_nn_dw_conv_params *params, const muriscv_nn_per_channel_quant_params *quant,
    const muriscv_nn_dims *input_dims, const int8_t *input, const int8_t *kernel,
    const int32_t *bias, const muriscv_nn_dims *output_dims, int8_t *output);

"""

_SCRATCH = "/* What a kernel that was given scratch"
_END = "#ifdef __cplusplus\n}"


def headers(*, gcc14: bool) -> tuple[tuple[str, Edit], ...]:
    """The same for its headers, under their new names."""
    vectors = (HERE / "Source/muriscv_nn_vectors.h.in").read_text()
    vectors = vectors.replace("@GCC_V1_0@", "__GNUC__ >= 14" if gcc14 else "0")
    return (
        (
            "Include/muriscv_nn_support_functions.h",
            ('#include "muriscv_nn_types.h"\n', '#include "muriscv_nn_types.h"\n\n' + vectors),
        ),
        ("Include/muriscv_nn_support_functions.h", (_SCRATCH, _WORD_LOAD + _SCRATCH)),
        ("Include/muriscv_nn_functions.h", (_END, _DEPTHWISE_3X3 + _END)),
    )
