// The panel scan in plain C++, which every compiler turns into whatever vectors its target always has.
#include "scan.hpp"

namespace contrapeso {
namespace {

struct Plain {
  struct Vec {
    float at[8];
  };
  static constexpr int width = 8;
  static constexpr int vectors = 1;
  static Vec all(float x) {
    Vec out;
    for (float &value : out.at)
      value = x;
    return out;
  }
  static Vec zero() { return all(0.0f); }
  static Vec load(const float *x) {
    Vec out;
    for (int i = 0; i < width; ++i)
      out.at[i] = x[i];
    return out;
  }
  static void store(float *out, const Vec &x) {
    for (int i = 0; i < width; ++i)
      out[i] = x.at[i];
  }
  static Vec subtract(const Vec &a, const Vec &b) {
    Vec out;
    for (int i = 0; i < width; ++i)
      out.at[i] = a.at[i] - b.at[i];
    return out;
  }
  static Vec smaller(const Vec &a, const Vec &b) {
    Vec out;
    for (int i = 0; i < width; ++i)
      out.at[i] = b.at[i] < a.at[i] ? b.at[i] : a.at[i];
    return out;
  }
  static Vec add_square(const Vec &d, const Vec &sum) {
    Vec out;
    for (int i = 0; i < width; ++i)
      out.at[i] = sum.at[i] + d.at[i] * d.at[i];
    return out;
  }
  static Vec add_where_not(const int32_t *codes, int32_t code, const Vec &more, const Vec &sum) {
    Vec out;
    for (int i = 0; i < width; ++i)
      out.at[i] = sum.at[i] + (codes[i] != code ? more.at[i] : 0.0f);
    return out;
  }
  static uint64_t at_most(const Vec &x, const Vec &limit) {
    uint64_t mask = 0;
    for (int i = 0; i < width; ++i)
      mask |= static_cast<uint64_t>(x.at[i] <= limit.at[i]) << i;
    return mask;
  }
};

struct PlainWords {
  struct Vec {
    uint16_t at[8];
  };
  static constexpr int width = 8;
  template <class Each> static Vec each(Each &&of) {
    Vec out;
    for (int i = 0; i < width; ++i)
      out.at[i] = static_cast<uint16_t>(of(i));
    return out;
  }
  static Vec all(uint16_t x) {
    return each([&](int) { return x; });
  }
  static Vec load(const uint16_t *x) {
    return each([&](int i) { return x[i]; });
  }
  static void store(uint16_t *out, const Vec &x) {
    for (int i = 0; i < width; ++i)
      out[i] = x.at[i];
  }
  static Vec add(const Vec &a, const Vec &b) {
    return each([&](int i) { return a.at[i] + b.at[i]; });
  }
  static Vec less(const Vec &a, const Vec &b) { // 0 where b is greater
    return each([&](int i) { return a.at[i] > b.at[i] ? a.at[i] - b.at[i] : 0; });
  }
  static Vec apart(const Vec &a, const Vec &b) { return add(less(a, b), less(b, a)); }
  static Vec smaller(const Vec &a, const Vec &b) {
    return each([&](int i) { return b.at[i] < a.at[i] ? b.at[i] : a.at[i]; });
  }
  static Vec add_where_not(const Vec &known, const Vec &word, const Vec &more, const Vec &sum) {
    return each([&](int i) { return sum.at[i] + (known.at[i] != word.at[i] ? more.at[i] : 0); });
  }
  static Vec add_where_none(const Vec &set, const Vec &bit, const Vec &more, const Vec &sum) {
    return each([&](int i) { return sum.at[i] + ((set.at[i] & bit.at[i]) == 0 ? more.at[i] : 0); });
  }
  static uint64_t at_most(const Vec &x, const Vec &limit) {
    uint64_t mask = 0;
    for (int i = 0; i < width; ++i)
      mask |= static_cast<uint64_t>(x.at[i] <= limit.at[i]) << i;
    return mask;
  }
};

} // namespace

const Kernel kernel_baseline = {"baseline", Scanner<Plain>::scan, Scanner<Plain>::least, Scanner<Plain>::nth_of_16, line<Plain, double>,
                            line<Plain, float>, turn<Plain>, GowerScanner<PlainWords>::scan,
                            GowerScanner<PlainWords>::bounds};

} // namespace contrapeso
