// Which panel scan runs: the widest that the processor has, or the one asked for by name.
#pragma once

#include <cstring>
#include <vector>

#include "scan.hpp"

namespace contrapeso {

inline std::vector<const Kernel *> kernels_of_this_machine() { // best first; the baseline is always there
  std::vector<const Kernel *> kernels;
#if defined(CONTRAPESO_X86) && defined(__GNUC__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    kernels.push_back(&kernel_avx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    kernels.push_back(&kernel_avx2);
#endif
#if defined(CONTRAPESO_NEON)
  kernels.push_back(&kernel_neon);
#endif
  kernels.push_back(&kernel_baseline);
  return kernels;
}

inline const Kernel *&chosen_kernel() {
  static const Kernel *kernel = kernels_of_this_machine().front();
  return kernel;
}

// False where the machine has no such kernel.
inline bool choose_kernel(const char *name) {
  for (const Kernel *kernel : kernels_of_this_machine())
    if (std::strcmp(kernel->name, name) == 0) {
      chosen_kernel() = kernel;
      return true;
    }
  return false;
}

} // namespace contrapeso
