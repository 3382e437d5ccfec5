/* The tuned kernels' argument structs and prototypes, by the feature that brings them. Layouts of
 * constants are described in the kernels' own files; the generator (Python) writes them. */
#ifndef MLBENCH_TUNED_H
#define MLBENCH_TUNED_H

#include "mlbench_tuned_dext.h"
#include "mlbench_tuned_integer.h"
#include "mlbench_tuned_vext.h"
#include "mlbench_tuned_xpulp.h"

#endif
