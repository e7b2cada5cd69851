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

struct NeonWords {
  using Vec = uint16x8_t;
  static constexpr int width = 8;
  static Vec all(uint16_t x) { return vdupq_n_u16(x); }
  static Vec load(const uint16_t *x) { return vld1q_u16(x); }
  static void store(uint16_t *out, Vec x) { vst1q_u16(out, x); }
  static Vec add(Vec a, Vec b) { return vaddq_u16(a, b); }
  static Vec less(Vec a, Vec b) { return vqsubq_u16(a, b); } // 0 where b is greater
  static Vec apart(Vec a, Vec b) { return vabdq_u16(a, b); }
  static Vec smaller(Vec a, Vec b) { return vminq_u16(a, b); }
  static Vec add_where_not(Vec known, Vec word, Vec more, Vec sum) {
    return vaddq_u16(sum, vbicq_u16(more, vceqq_u16(known, word)));
  }
  static Vec add_where_none(Vec set, Vec bit, Vec more, Vec sum) { return vaddq_u16(sum, vbicq_u16(more, vtstq_u16(set, bit))); }
  static uint64_t at_most(Vec x, Vec limit) {
    const uint16x8_t bits = {1, 2, 4, 8, 16, 32, 64, 128};
    return vaddvq_u16(vandq_u16(vcleq_u16(x, limit), bits));
  }
};

} // namespace

const Kernel kernel_neon = {"neon", Scanner<Neon>::scan, Scanner<Neon>::least, Scanner<Neon>::nth_of_16, line<Neon, double>,
                            line<Neon, float>, turn<Neon>, GowerScanner<NeonWords>::scan,
                            GowerScanner<NeonWords>::bounds};

} // namespace contrapeso
