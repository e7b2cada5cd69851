// The panel scan for 64-bit Arm processors, all of which have NEON.
#include <arm_neon.h>

#include "scan.hpp"

namespace contrapeso {
namespace {

struct Neon {
  using Vec = float32x4_t;
  static constexpr int width = 4;
  static constexpr int vectors = 4; // times four queries: 16 of 32 registers hold sums
  static Vec zero() { return vdupq_n_f32(0.0f); }
  static Vec all(float x) { return vdupq_n_f32(x); }
  static Vec load(const float *x) { return vld1q_f32(x); }
  static void store(float *out, Vec x) { vst1q_f32(out, x); }
  static Vec subtract(Vec a, Vec b) { return vsubq_f32(a, b); }
  static Vec smaller(Vec a, Vec b) { return vminq_f32(a, b); }
  static Vec add_square(Vec d, Vec sum) { return vfmaq_f32(sum, d, d); }
  static Vec add_where_not(const int32_t *codes, int32_t code, Vec more, Vec sum) {
    const uint32x4_t same = vceqq_s32(vld1q_s32(codes), vdupq_n_s32(code));
    return vaddq_f32(sum, vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(more), same)));
  }
  static uint64_t at_most(Vec x, Vec limit) {
    const uint32x4_t bits = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(vcleq_f32(x, limit), bits));
  }
};

} // namespace

const Kernel kernel_neon = {"neon", Scanner<Neon>::scan, Scanner<Neon>::least, Scanner<Neon>::nth_of_16, line<Neon, double>,
                            line<Neon, float>, turn<Neon>};

} // namespace contrapeso
