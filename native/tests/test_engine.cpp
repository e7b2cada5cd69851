// The engine against comparing everything with everything, on data made to be awkward: run under the sanitizers.
// Exits with 1 and says what differed on the first failure.
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "gower.hpp"
#include "kernels.hpp"
#include "rows.hpp"
#include "search.hpp"

using namespace contrapeso;

namespace {

using Random = std::mt19937_64;

void require(bool holds, const std::string &what) {
  if (!holds) {
    std::fprintf(stderr, "FAILED: %s\n", what.c_str());
    std::exit(1);
  }
}

// Rows with few distinct values (many ties, many copies), or spread out, or far from the origin.
struct Table {
  int64_t n;
  int columns, codes;
  std::vector<double> numbers;
  std::vector<int32_t> atoms;
  std::vector<float> frame;
  std::vector<int64_t> first, which;
  std::vector<double> distinct_numbers;
  std::vector<int32_t> distinct_atoms;

  Table(Random &random, int64_t rows, int p, int q, int kind) : n(rows), columns(p), codes(q), numbers(rows * p), atoms(rows * q) {
    std::normal_distribution<double> normal;
    for (double &x : numbers)
      x = kind == 0 ? normal(random) : kind == 1 ? std::rint(normal(random)) : 1e6 + 1e-6 * normal(random);
    for (int32_t &code : atoms)
      code = static_cast<int32_t>(random() % 4) - 1;
    which.resize(static_cast<std::size_t>(n));
    distinct(numbers.data(), p, atoms.data(), q, n, first, which.data());
    for (int64_t row : first) {
      distinct_numbers.insert(distinct_numbers.end(), numbers.begin() + row * p, numbers.begin() + (row + 1) * p);
      distinct_atoms.insert(distinct_atoms.end(), atoms.begin() + row * q, atoms.begin() + (row + 1) * q);
    }
    const double centre = kind == 2 ? 1e6 : 0.0;
    for (double x : distinct_numbers)
      frame.push_back(static_cast<float>((x - centre) * SCALE));
  }

  Points points() const {
    Points points;
    points.n = static_cast<int64_t>(first.size());
    points.columns = columns;
    points.codes = codes;
    points.exact = distinct_numbers.data();
    points.atoms = distinct_atoms.data();
    points.frame = frame.data();
    return points;
  }

  double squared(int64_t a, int64_t b, double mismatch_sq) const {
    return exact_distance(numbers.data() + a * columns, numbers.data() + b * columns, columns, atoms.data() + a * codes,
                          atoms.data() + b * codes, codes, mismatch_sq);
  }

  static constexpr double SCALE = 0.125;
};

struct Near {
  double squared;
  int64_t row;
  bool operator<(const Near &other) const {
    return squared < other.squared || (squared == other.squared && row < other.row);
  }
};

std::vector<Near> others_of(const Table &table, int64_t row, double mismatch_sq) {
  std::vector<Near> all;
  for (int64_t other = 0; other < table.n; ++other)
    if (other != row)
      all.push_back({table.squared(row, other, mismatch_sq), other});
  std::sort(all.begin(), all.end());
  return all;
}

void check_search(Random &random, const Kernel &kernel) {
  const int64_t sizes[] = {1, 2, 5, 63, 64, 65, 257, 700};
  const int widths[] = {0, 1, 2, 7, 8, 9, 33};
  const int64_t n = sizes[random() % 8];
  const int p = widths[random() % 7];
  const int q = p == 0 ? 2 : static_cast<int>(random() % 3);
  const Table table(random, n, p, q, static_cast<int>(random() % 3));
  const double mismatch_sq = 0.25 * static_cast<double>(random() % 4);
  const uint64_t some = random() % 4 == 0 ? 200 : 12; // more than a few are kept on a heap
  const int k = static_cast<int>(std::min<int64_t>(n - 1, 1 + static_cast<int64_t>(random() % some)));
  Core core(table.points(), Frame{Table::SCALE, 1e-6, mismatch_sq}, table.which, kernel);
  Crew crew;
  crew.threads = 1 + static_cast<int>(random() % 3);
  std::vector<int64_t> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), int64_t{0});
  std::vector<int32_t> labels(rows.size());
  for (int32_t &label : labels)
    label = static_cast<int32_t>(random() % 3);
  std::vector<int64_t> found(rows.size() * static_cast<std::size_t>(std::max(k, 1))), enemies(rows.size());
  std::vector<double> squared(found.size()), apart(rows.size());
  const std::unique_ptr<bool[]> agree(new bool[rows.size()]);
  if (k > 0)
    core.neighbors(rows.data(), n, k, found.data(), squared.data(), crew);
  core.nearest_enemy(labels.data(), rows.data(), n, enemies.data(), apart.data(), crew);
  core.neighbors_agree(labels.data(), rows.data(), n, k, agree.get(), crew);
  for (int64_t row = 0; row < n; ++row) {
    const std::vector<Near> others = others_of(table, row, mismatch_sq);
    const std::string where = std::string(kernel.name) + ", row " + std::to_string(row) + " of " + std::to_string(n);
    bool same = true;
    for (int i = 0; i < k; ++i) {
      require(found[row * k + i] == others[i].row, "neighbour: " + where);
      require(squared[row * k + i] == others[i].squared, "distance: " + where);
      same = same && labels[others[i].row] == labels[row];
    }
    int64_t enemy = -1;
    for (const Near &other : others)
      if (enemy < 0 && labels[other.row] != labels[row])
        enemy = other.row;
    require(enemies[row] == enemy, "enemy: " + where);
    require(agree[row] == same, "agreement: " + where);
  }
}

// Numbers with nulls, infinities and ties, at the edges of words and beyond the last word, columns without a range; queries
// that are rows of the reference, and others.
double gower_number(Random &random, int kind) {
  const uint64_t draw = random();
  if (kind == 0)
    return static_cast<double>(draw >> 11) * 0x1p-53;
  if (kind == 1)
    return static_cast<double>(draw % 4) * 0.25;
  if (kind == 2)
    return 1e15 + static_cast<double>(draw % 9) * 0.125;
  if (kind == 3) // a word is 1 wide where the range is 8192
    return static_cast<double>(draw % 4) + static_cast<double>(draw / 4 % 7) * 1e-3 - 3e-3;
  if (kind == 4)
    return draw % 2 == 0 ? 0.0 : 21.75 + static_cast<double>(draw >> 12) * 0x1p-53;
  const double odd[] = {std::nan(""), INF, -INF, 0.0, -0.0, 1e308, -1e308, 5e-324, 1.0};
  return odd[draw % 9];
}

void check_gower(Random &random, const Kernel &kernel) {
  const int64_t sizes[] = {0, 1, 2, 63, 64, 65, 257, 900};
  const int64_t n = sizes[random() % 8], m = sizes[random() % 7];
  const int p = static_cast<int>(random() % 7), q = static_cast<int>(random() % 5);
  std::vector<double> numbers((n + m) * p), ranges(p);
  std::vector<int32_t> codes((n + m) * q);
  const bool edges = random() % 4 == 0;
  for (int j = 0; j < p; ++j) {
    const double widths[] = {1.0, 0.75, 1.125, 8192.0, 1.0, 2.0, 0.0, INF, std::nan(""), 1e-3};
    const int kind = edges ? 3 : static_cast<int>(random() % 6);
    ranges[j] = widths[edges || random() % 2 == 0 ? kind : static_cast<int>(random() % 10)];
    for (int64_t i = 0; i < n + m; ++i)
      numbers[i * p + j] = gower_number(random, !edges && random() % 16 == 0 ? 5 : kind);
  }
  const int32_t most = random() % 2 == 0 ? 3 : 100000;
  for (int32_t &code : codes)
    code = static_cast<int32_t>(random() % most) - 1;
  const bool itself = random() % 2 == 0;
  const int64_t asked = itself ? n : m, first = itself ? 0 : n, k = static_cast<int64_t>(random() % 20);
  const GowerColumns columns{p, q, ranges.data()};
  const GowerTable reference{numbers.data(), codes.data(), n}, query{numbers.data() + first * p, codes.data() + first * q, asked};
  Crew crew;
  crew.threads = 1 + static_cast<int>(random() % 3);
  std::vector<int64_t> rows(static_cast<std::size_t>(asked * k));
  std::vector<double> distances(rows.size());
  Gower(reference, columns, kernel).nearest(query, k, itself, rows.data(), distances.data(), crew);
  for (int64_t i = 0; i < asked; ++i) {
    std::vector<Near> all;
    for (int64_t row = 0; row < n; ++row)
      if (!itself || row != i)
        all.push_back({gower_distance(columns, query.numbers + i * p, numbers.data() + row * p, query.codes + i * q,
                                      codes.data() + row * q),
                       row});
    std::sort(all.begin(), all.end());
    const std::string where = std::string(kernel.name) + ", row " + std::to_string(i) + " of " + std::to_string(asked);
    for (int64_t at = 0; at < k; ++at) {
      const bool there = at < static_cast<int64_t>(all.size());
      require(rows[i * k + at] == (there ? all[at].row : -1), "nearest by Gower's distance: " + where);
      require(there ? distances[i * k + at] == all[at].squared : std::isnan(distances[i * k + at]), "Gower's distance: " + where);
    }
  }
}

void check_words() {
  // numpy.random.Philox(key=[1, 2], counter=[0, 0, 0, 0]).random_raw(4)
  const Words words = philox(0, 0, 1, 2);
  const uint64_t expected[4] = {5705853004827290377u, 6584680345644299050u, 680768428710196683u, 17743966978540583234u};
  for (int i = 0; i < 4; ++i)
    require(words.at[i] == expected[i], "Philox word " + std::to_string(i));
}

void check_rows(Random &random) {
  const int64_t n = 200, p = 5, k = 3;
  std::vector<double> source(n * p);
  for (double &x : source)
    x = random() % 11 == 0 ? std::nan("") : static_cast<double>(random() % 1000) / 7.0;
  std::vector<int64_t> base(500), neighbors(n * k), other(base.size());
  std::vector<double> gap(base.size()), out(base.size() * p);
  for (int64_t &row : base)
    row = static_cast<int64_t>(random() % n);
  for (int64_t &row : neighbors)
    row = static_cast<int64_t>(random() % n);
  Crew crew;
  crew.threads = 2;
  pick(neighbors.data(), k, base.data(), base.size(), {3, 4}, other.data(), gap.data(), crew);
  interpolate(chosen_kernel()->line64, source.data(), p, base.data(), other.data(), gap.data(), base.size(), out.data(), crew);
  for (std::size_t i = 0; i < base.size(); ++i) {
    require(gap[i] >= 0.0 && gap[i] < 1.0, "gap");
    for (int64_t j = 0; j < p; ++j) {
      const double a = source[base[i] * p + j], b = source[other[i] * p + j], x = out[i * p + j];
      require(std::isnan(x) == std::isnan(a), "a new value is missing where the base's is");
      if (!std::isnan(x) && !std::isnan(b))
        require(std::min(a, b) <= x && x <= std::max(a, b), "a new value lies between its parents");
    }
  }
}

// One engine asked by several callers at once, with labels of their own.
void check_callers(Random &random) {
  const Table table(random, 700, 3, 0, 0);
  Core core(table.points(), Frame{Table::SCALE, 1e-6, 0.0}, table.which, *chosen_kernel());
  std::vector<int64_t> rows(static_cast<std::size_t>(table.n));
  std::iota(rows.begin(), rows.end(), int64_t{0});
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int classes = 2; classes < 6; ++classes)
    callers.emplace_back([&, classes] {
      std::vector<int32_t> labels(rows.size());
      for (std::size_t i = 0; i < labels.size(); ++i)
        labels[i] = static_cast<int32_t>(i) % classes;
      std::vector<int64_t> found(rows.size());
      std::vector<double> squared(rows.size());
      for (int i = 0; i < 5; ++i) {
        core.nearest_enemy(labels.data(), rows.data(), table.n, found.data(), squared.data(), Crew{});
        for (int64_t row : rows)
          wrong += found[row] < 0 || labels[found[row]] == labels[row];
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  require(wrong == 0, "callers at once have their own answers");
}

void check_threads() {
  Crew crew;
  crew.threads = 3;
  std::atomic<int> done{0};
  bool thrown = false;
  try {
    parallel(100, crew, false, [&](std::size_t i) {
      ++done;
      if (i == 50)
        throw std::runtime_error("task 50");
    });
  } catch (const std::runtime_error &) {
    thrown = true;
  }
  require(thrown, "an exception of a task reaches the caller");
  done = 0;
  crew.interrupted = [] { return true; };
  parallel(10, crew, false, [&](std::size_t) {
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    ++done;
  });
  require(done < 10, "an interruption stops the work");
}

} // namespace

int main() {
  Random random(20020601);
  check_words();
  for (const Kernel *kernel : kernels_of_this_machine())
    for (int i = 0; i < 60; ++i)
      check_search(random, *kernel);
  for (const Kernel *kernel : kernels_of_this_machine())
    for (int i = 0; i < 60; ++i)
      check_gower(random, *kernel);
  for (int i = 0; i < 20; ++i)
    check_rows(random);
  check_callers(random);
  check_threads();
  std::printf("the engine agrees with comparing everything\n");
  return 0;
}
