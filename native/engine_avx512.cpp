// The panel scan for processors with AVX-512 (F, BW, DQ, VL).
#include <immintrin.h>

#include "scan.hpp"

namespace contrapeso {
namespace {

struct Avx512 {
  using Vec = __m512;
  static constexpr int width = 16;
  static constexpr int vectors = 4; // times four queries: 16 of 32 registers hold sums
  static Vec zero() { return _mm512_setzero_ps(); }
  static Vec all(float x) { return _mm512_set1_ps(x); }
  static Vec load(const float *x) { return _mm512_loadu_ps(x); }
  static void store(float *out, Vec x) { _mm512_storeu_ps(out, x); }
  static Vec subtract(Vec a, Vec b) { return _mm512_sub_ps(a, b); }
  static Vec smaller(Vec a, Vec b) { return _mm512_min_ps(a, b); }
  static Vec add_square(Vec d, Vec sum) { return _mm512_fmadd_ps(d, d, sum); }
  static Vec add_where_not(const int32_t *codes, int32_t code, Vec more, Vec sum) {
    const __mmask16 differ = _mm512_cmpneq_epi32_mask(_mm512_loadu_si512(codes), _mm512_set1_epi32(code));
    return _mm512_mask_add_ps(sum, differ, sum, more);
  }
  static uint64_t at_most(Vec x, Vec limit) { return _mm512_cmp_ps_mask(x, limit, _CMP_LE_OQ); }
};

struct Avx512Words {
  using Vec = __m512i;
  static constexpr int width = 32;
  static Vec all(uint16_t x) { return _mm512_set1_epi16(static_cast<short>(x)); }
  static Vec load(const uint16_t *x) { return _mm512_loadu_si512(x); }
  static void store(uint16_t *out, Vec x) { _mm512_storeu_si512(out, x); }
  static Vec add(Vec a, Vec b) { return _mm512_add_epi16(a, b); }
  static Vec less(Vec a, Vec b) { return _mm512_subs_epu16(a, b); } // 0 where b is greater
  static Vec apart(Vec a, Vec b) { return _mm512_sub_epi16(_mm512_max_epu16(a, b), _mm512_min_epu16(a, b)); }
  static Vec smaller(Vec a, Vec b) { return _mm512_min_epu16(a, b); }
  static Vec add_where_not(Vec known, Vec word, Vec more, Vec sum) {
    return _mm512_mask_add_epi16(sum, _mm512_cmpneq_epi16_mask(known, word), sum, more);
  }
  static Vec add_where_none(Vec set, Vec bit, Vec more, Vec sum) {
    return _mm512_mask_add_epi16(sum, _mm512_testn_epi16_mask(set, bit), sum, more);
  }
  static uint64_t at_most(Vec x, Vec limit) { return _mm512_cmple_epu16_mask(x, limit); }
};

} // namespace

const Kernel kernel_avx512 = {"avx512", Scanner<Avx512>::scan, Scanner<Avx512>::least, Scanner<Avx512>::nth_of_16, line<Avx512, double>,
                            line<Avx512, float>, turn<Avx512>, GowerScanner<Avx512Words>::scan,
                            GowerScanner<Avx512Words>::bounds};

} // namespace contrapeso
