// The panel scan for processors with AVX2 and FMA.
#include <immintrin.h>

#include "scan.hpp"

namespace contrapeso {
namespace {

struct Avx2 {
  using Vec = __m256;
  static constexpr int width = 8;
  static constexpr int vectors = 2; // times four queries: 8 of 16 registers hold sums
  static Vec zero() { return _mm256_setzero_ps(); }
  static Vec all(float x) { return _mm256_set1_ps(x); }
  static Vec load(const float *x) { return _mm256_loadu_ps(x); }
  static void store(float *out, Vec x) { _mm256_storeu_ps(out, x); }
  static Vec subtract(Vec a, Vec b) { return _mm256_sub_ps(a, b); }
  static Vec smaller(Vec a, Vec b) { return _mm256_min_ps(a, b); }
  static Vec add_square(Vec d, Vec sum) { return _mm256_fmadd_ps(d, d, sum); }
  static Vec add_where_not(const int32_t *codes, int32_t code, Vec more, Vec sum) {
    const __m256i known = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(codes));
    const __m256i same = _mm256_cmpeq_epi32(known, _mm256_set1_epi32(code));
    return _mm256_add_ps(sum, _mm256_andnot_ps(_mm256_castsi256_ps(same), more));
  }
  static uint64_t at_most(Vec x, Vec limit) {
    return static_cast<uint64_t>(_mm256_movemask_ps(_mm256_cmp_ps(x, limit, _CMP_LE_OQ)));
  }
};

struct Avx2Words {
  using Vec = __m256i;
  static constexpr int width = 16;
  static Vec all(uint16_t x) { return _mm256_set1_epi16(static_cast<short>(x)); }
  static Vec load(const uint16_t *x) { return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(x)); }
  static void store(uint16_t *out, Vec x) { _mm256_storeu_si256(reinterpret_cast<__m256i *>(out), x); }
  static Vec add(Vec a, Vec b) { return _mm256_add_epi16(a, b); }
  static Vec less(Vec a, Vec b) { return _mm256_subs_epu16(a, b); } // 0 where b is greater
  static Vec apart(Vec a, Vec b) { return _mm256_or_si256(less(a, b), less(b, a)); }
  static Vec smaller(Vec a, Vec b) { return _mm256_min_epu16(a, b); }
  static Vec add_where_not(Vec known, Vec word, Vec more, Vec sum) {
    return add(sum, _mm256_andnot_si256(_mm256_cmpeq_epi16(known, word), more));
  }
  static Vec add_where_none(Vec set, Vec bit, Vec more, Vec sum) {
    return add(sum, _mm256_and_si256(_mm256_cmpeq_epi16(_mm256_and_si256(set, bit), _mm256_setzero_si256()), more));
  }
  static uint64_t at_most(Vec x, Vec limit) {
    const Vec within = _mm256_cmpeq_epi16(smaller(x, limit), x);
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(within), _mm256_extracti128_si256(within, 1));
    return static_cast<uint64_t>(_mm_movemask_epi8(bytes));
  }
};

} // namespace

const Kernel kernel_avx2 = {"avx2", Scanner<Avx2>::scan, Scanner<Avx2>::least, Scanner<Avx2>::nth_of_16, line<Avx2, double>,
                            line<Avx2, float>, turn<Avx2>, GowerScanner<Avx2Words>::scan,
                            GowerScanner<Avx2Words>::bounds};

} // namespace contrapeso
