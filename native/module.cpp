// The Python module: arrays in, arrays out. Shapes and values were checked by the Python door (contrapeso/kernels).
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "columns.hpp"
#include "frame.hpp"
#include "gower.hpp"
#include "kernels.hpp"
#include "parallel.hpp"
#include "rows.hpp"
#include "search.hpp"

namespace nb = nanobind;
using namespace nb::literals;
using namespace contrapeso;

namespace {

template <class T> using Matrix = nb::ndarray<const T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <class T> using Vector = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class T> using Result = nb::ndarray<nb::numpy, T>;

template <class T> struct Buffer { // memory that NumPy will own
  explicit Buffer(std::vector<std::size_t> dimensions) : shape(std::move(dimensions)) {
    std::size_t size = 1;
    for (std::size_t dimension : shape)
      size *= dimension;
    data = std::unique_ptr<T[]>(new T[size > 0 ? size : 1]);
  }
  Result<T> release() {
    T *memory = data.release();
    nb::capsule owner(memory, [](void *p) noexcept { delete[] static_cast<T *>(p); });
    return Result<T>(memory, shape.size(), shape.data(), owner);
  }
  std::vector<std::size_t> shape;
  std::unique_ptr<T[]> data;
};

// Runs `work` without the interpreter lock; Ctrl-C stops it between two tasks.
template <class Work> void released(int threads, Work &&work) {
  bool interrupted = false;
  {
    nb::gil_scoped_release free;
    Crew crew;
    crew.threads = threads;
    crew.interrupted = [&interrupted] {
      nb::gil_scoped_acquire held;
      interrupted = interrupted || PyErr_CheckSignals() != 0;
      return interrupted;
    };
    work(crew);
  }
  if (interrupted)
    throw nb::python_error();
}

Points points_of(const Matrix<double> &numbers, const Matrix<int32_t> &codes, const Matrix<float> &frame) {
  if (codes.shape(0) != numbers.shape(0) || frame.shape(0) != numbers.shape(0) || frame.shape(1) != numbers.shape(1))
    throw std::invalid_argument("the arrays of points have different shapes");
  Points points;
  points.n = static_cast<int64_t>(numbers.shape(0));
  points.columns = static_cast<int>(numbers.shape(1));
  points.codes = static_cast<int>(codes.shape(1));
  points.exact = numbers.data();
  points.atoms = codes.data();
  points.frame = frame.data();
  return points;
}

using Found = std::pair<Result<int64_t>, Result<double>>;

class PySearch {
public:
  PySearch(Matrix<double> numbers, Matrix<int32_t> codes, Matrix<float> frame, Vector<int64_t> which, double mismatch_sq,
           double scale, double kappa)
      : numbers_(numbers), codes_(codes), frame_(frame),
        core_(points_of(numbers, codes, frame), Frame{scale, kappa, mismatch_sq},
              std::vector<int64_t>(which.data(), which.data() + which.shape(0)), *chosen_kernel()) {}

  Found neighbors(Vector<int64_t> rows, int k, int threads) {
    return fill(rows.shape(0), k, threads, [&](int64_t *found, double *squared, const Crew &crew) {
      core_.neighbors(rows.data(), static_cast<int64_t>(rows.shape(0)), k, found, squared, crew);
    });
  }

  Found distinct_neighbors(int k, int threads) {
    return fill(numbers_.shape(0), k, threads,
                [&](int64_t *found, double *squared, const Crew &crew) { core_.distinct_neighbors(k, found, squared, crew); });
  }

  Found query(Matrix<double> numbers, Matrix<int32_t> codes, Matrix<float> frame, int k, int threads) {
    const Points others = points_of(numbers, codes, frame);
    if (others.columns != static_cast<int>(numbers_.shape(1)) || others.codes != static_cast<int>(codes_.shape(1)))
      throw std::invalid_argument("the points have other columns than the index");
    return fill(numbers.shape(0), k, threads, [&](int64_t *found, double *squared, const Crew &crew) {
      core_.query(others, k, found, squared, crew);
    });
  }

  Found nearest_enemy(Vector<int32_t> labels, Vector<int64_t> rows, int threads) {
    check_labels(labels);
    Buffer<int64_t> found({rows.shape(0)});
    Buffer<double> squared({rows.shape(0)});
    released(threads, [&](const Crew &crew) {
      core_.nearest_enemy(labels.data(), rows.data(), static_cast<int64_t>(rows.shape(0)), found.data.get(),
                          squared.data.get(), crew);
    });
    return {found.release(), squared.release()};
  }

  Result<bool> neighbors_agree(Vector<int32_t> labels, Vector<int64_t> rows, int k, int threads) {
    check_labels(labels);
    Buffer<bool> agree({rows.shape(0)});
    released(threads, [&](const Crew &crew) {
      core_.neighbors_agree(labels.data(), rows.data(), static_cast<int64_t>(rows.shape(0)), k, agree.data.get(), crew);
    });
    return agree.release();
  }

private:
  template <class Work> static Found fill(std::size_t n, int k, int threads, Work &&work) {
    const std::size_t width = static_cast<std::size_t>(k > 0 ? k : 0);
    Buffer<int64_t> found({n, width});
    Buffer<double> squared({n, width});
    if (width > 0)
      released(threads, [&](const Crew &crew) { work(found.data.get(), squared.data.get(), crew); });
    return {found.release(), squared.release()};
  }

  void check_labels(const Vector<int32_t> &labels) const {
    if (static_cast<int64_t>(labels.shape(0)) != core_.n_rows())
      throw std::invalid_argument("there must be one label per row");
    if (std::any_of(labels.data(), labels.data() + labels.shape(0), [](int32_t label) { return label < 0; }))
      throw std::invalid_argument("labels must not be negative");
  }

  Matrix<double> numbers_; // kept alive: the core points into them
  Matrix<int32_t> codes_;
  Matrix<float> frame_;
  Core core_;
};

std::pair<Result<int64_t>, Result<int64_t>> py_distinct(Matrix<double> numbers, Matrix<int32_t> codes) {
  std::vector<int64_t> first;
  const std::size_t n = numbers.shape(0);
  Buffer<int64_t> which({n});
  {
    nb::gil_scoped_release free;
    distinct(numbers.data(), static_cast<int64_t>(numbers.shape(1)), codes.data(), static_cast<int64_t>(codes.shape(1)),
             static_cast<int64_t>(n), first, which.data.get());
  }
  Buffer<int64_t> rows({first.size()});
  std::copy(first.begin(), first.end(), rows.data.get());
  return {rows.release(), which.release()};
}

template <class T>
void py_interpolate(Matrix<T> source, Vector<int64_t> base, Vector<int64_t> neighbor, Vector<double> gap,
                    nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu> out, int threads) {
  const std::size_t n = base.shape(0);
  if (neighbor.shape(0) != n || gap.shape(0) != n || out.shape(0) != n || out.shape(1) != source.shape(1))
    throw std::invalid_argument("the arrays of an interpolation have different lengths");
  released(threads, [&](const Crew &crew) {
    Line<T> line;
    if constexpr (sizeof(T) == sizeof(double))
      line = chosen_kernel()->line64;
    else
      line = chosen_kernel()->line32;
    interpolate(line, source.data(), static_cast<int64_t>(source.shape(1)), base.data(), neighbor.data(), gap.data(), n,
                out.data(), crew);
  });
}

Found py_pick(Matrix<int64_t> neighbors, Vector<int64_t> base, uint64_t key0, uint64_t key1, int threads) {
  const std::size_t n = base.shape(0);
  Buffer<int64_t> other({n});
  Buffer<double> gap({n});
  released(threads, [&](const Crew &crew) {
    pick(neighbors.data(), static_cast<int64_t>(neighbors.shape(1)), base.data(), n, {key0, key1}, other.data.get(),
         gap.data.get(), crew);
  });
  return {other.release(), gap.release()};
}

Result<int32_t> py_vote(Matrix<int32_t> codes, Matrix<int64_t> neighbors, Vector<int64_t> base, uint64_t key0,
                        uint64_t key1, int threads) {
  const std::size_t n = base.shape(0);
  Buffer<int32_t> out({n, codes.shape(1)});
  released(threads, [&](const Crew &crew) {
    vote(codes.data(), static_cast<int64_t>(codes.shape(1)), neighbors.data(), static_cast<int64_t>(neighbors.shape(1)),
         base.data(), n, {key0, key1}, out.data.get(), crew);
  });
  return out.release();
}

Found py_value_neighbors(Matrix<int32_t> codes, Vector<int64_t> sizes, Matrix<double> shares, int k, int threads) {
  const std::size_t n = codes.shape(0);
  Buffer<int64_t> found({n, static_cast<std::size_t>(k)});
  Buffer<double> near({n, static_cast<std::size_t>(k)});
  released(threads, [&](const Crew &crew) {
    value_neighbors(codes.data(), static_cast<int64_t>(n), static_cast<int64_t>(codes.shape(1)), sizes.data(),
                    shares.data(), static_cast<int64_t>(shares.shape(1)), k, found.data.get(), near.data.get(), crew);
  });
  return {found.release(), near.release()};
}

double py_greatest(Matrix<double> numbers, Vector<double> centre) {
  nb::gil_scoped_release free;
  return greatest_from(numbers.data(), static_cast<int64_t>(numbers.shape(0)), static_cast<int64_t>(numbers.shape(1)),
                       centre.data());
}

Result<double> py_products(Matrix<double> numbers, int64_t step, Vector<double> centre, double unit) {
  const std::size_t p = numbers.shape(1);
  Buffer<double> out({p, p});
  {
    nb::gil_scoped_release free;
    products(numbers.data(), static_cast<int64_t>(numbers.shape(0)), static_cast<int64_t>(p), step, centre.data(), unit,
             out.data.get());
  }
  return out.release();
}

Result<float> py_project(Matrix<double> numbers, Vector<double> centre, Matrix<double> axes, double scale, int threads) {
  const std::size_t n = numbers.shape(0), p = numbers.shape(1);
  if (centre.shape(0) != p || (axes.shape(0) != 0 && (axes.shape(0) != p || axes.shape(1) != p)))
    throw std::invalid_argument("the frame has other columns than the points");
  Buffer<float> out({n, p});
  released(threads, [&](const Crew &crew) {
    project(chosen_kernel()->turn, numbers.data(), static_cast<int64_t>(n), static_cast<int64_t>(p), centre.data(),
            axes.shape(0) == 0 ? nullptr : axes.data(), scale, out.data.get(), crew);
  });
  return out.release();
}

// Nearest rows by Gower's distance: rows and distances, `k` for each row of the query.
Found py_nearest_gower(Matrix<double> numbers, Matrix<int32_t> codes, Matrix<double> query_numbers,
                       Matrix<int32_t> query_codes, Vector<double> ranges, int64_t k, bool exclude_self, int threads) {
  const std::size_t n = numbers.shape(0), m = query_numbers.shape(0), p = ranges.shape(0), q = codes.shape(1);
  if (codes.shape(0) != n || query_codes.shape(0) != m || numbers.shape(1) != p || query_numbers.shape(1) != p ||
      query_codes.shape(1) != q || k < 0 || (exclude_self && m != n))
    throw std::invalid_argument("the tables have different shapes");
  Buffer<int64_t> found({m, static_cast<std::size_t>(k)});
  Buffer<double> distances({m, static_cast<std::size_t>(k)});
  released(threads, [&](const Crew &crew) {
    const GowerColumns columns{static_cast<int>(p), static_cast<int>(q), ranges.data()};
    const GowerTable reference{numbers.data(), codes.data(), static_cast<int64_t>(n)};
    const GowerTable queries{query_numbers.data(), query_codes.data(), static_cast<int64_t>(m)};
    Gower(reference, columns, *chosen_kernel()).nearest(queries, k, exclude_self, found.data.get(), distances.data.get(), crew);
  });
  return {found.release(), distances.release()};
}

std::vector<std::string> isas() {
  std::vector<std::string> names;
  for (const Kernel *kernel : kernels_of_this_machine())
    names.emplace_back(kernel->name);
  return names;
}

void use(const std::string &name) {
  if (!choose_kernel(name.c_str()))
    throw std::invalid_argument("this machine has no kernel of that name");
}

// --------------------------------------------------------------------------------------------- columns (columns.hpp)
template <class T> using Filled = nb::ndarray<T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

void same_length(std::size_t a, std::size_t b) {
  if (a != b)
    throw std::invalid_argument("the arrays of a column have different lengths");
}

std::pair<Result<uint32_t>, Result<double>> py_sort_column(Vector<double> values) {
  Buffer<uint32_t> order({values.shape(0)});
  {
    nb::gil_scoped_release free;
    order.shape[0] = sort_source(Doubles{values.data()}, values.shape(0), order.data.get()); // the nulls' places stay empty
  }
  Buffer<double> sorted({order.shape[0]});
  {
    nb::gil_scoped_release free;
    gather(values.data(), order.data.get(), order.shape[0], sorted.data.get());
  }
  return {order.release(), sorted.release()};
}

Result<uint32_t> py_sort_words(Vector<uint64_t> values) {
  Buffer<uint32_t> rows({values.shape(0)});
  {
    nb::gil_scoped_release free;
    sort_source(Words64{values.data()}, values.shape(0), rows.data.get());
  }
  return rows.release();
}

Result<uint16_t> py_cells_of_sorted(Vector<uint32_t> order, Vector<int64_t> cuts, std::size_t n_rows) {
  Buffer<uint16_t> codes({n_rows});
  {
    nb::gil_scoped_release free;
    scatter_cells(order.data(), order.shape(0), cuts.data(), cuts.shape(0), n_rows, codes.data.get());
  }
  return codes.release();
}

void py_ranks_of_sorted(Vector<double> values, Vector<uint32_t> order, Vector<double> mass, double centre, double absent,
                        Filled<double> out) {
  same_length(values.shape(0), order.shape(0));
  if (mass.shape(0) != 0)
    same_length(values.shape(0), mass.shape(0));
  nb::gil_scoped_release free;
  scatter_ranks(values.data(), order.data(), order.shape(0), mass.shape(0) ? mass.data() : nullptr, out.shape(0), centre,
                absent, out.data());
}

std::pair<double, double> py_merge_sorted(Vector<double> a, Vector<double> mass_a, Vector<double> b, Vector<double> mass_b) {
  const std::size_t n = a.shape(0), m = b.shape(0);
  nb::gil_scoped_release free;
  if (mass_a.shape(0) == 0 && mass_b.shape(0) == 0) { // whole numbers: no rounding at all
    const int64_t left = static_cast<int64_t>(m), right = static_cast<int64_t>(n);
    const Apart apart = merge(a.data(), n, b.data(), m, [&](std::size_t i, std::size_t j) {
      return static_cast<double>(static_cast<int64_t>(i) * left - static_cast<int64_t>(j) * right);
    });
    const double unit = static_cast<double>(n) * static_cast<double>(m);
    return {apart.ks / unit, apart.transport / unit};
  }
  const auto share = [](const Vector<double> &mass, std::size_t n, std::size_t i) {
    return i == 0 ? 0.0 : mass.shape(0) ? mass.data()[i - 1] : static_cast<double>(i) / static_cast<double>(n);
  };
  const Apart apart = merge(a.data(), n, b.data(), m,
                            [&](std::size_t i, std::size_t j) { return share(mass_a, n, i) - share(mass_b, m, j); });
  return {apart.ks, apart.transport};
}

Result<int64_t> py_count_cells(Vector<uint32_t> segment, Vector<uint16_t> codes, std::size_t n_segments, std::size_t n_cells) {
  same_length(segment.shape(0), codes.shape(0));
  Buffer<int64_t> counts({n_segments, n_cells});
  {
    nb::gil_scoped_release free;
    std::fill(counts.data.get(), counts.data.get() + n_segments * n_cells, 0);
    count_cells(segment.data(), codes.data(), codes.shape(0), n_cells, counts.data.get());
  }
  return counts.release();
}

void py_used_cells(Vector<uint16_t> codes, Filled<bool> used) {
  nb::gil_scoped_release free;
  used_cells(codes.data(), codes.shape(0), used.data());
}

template <class Code>
void py_arrange(Vector<uint16_t> codes, Vector<uint32_t> order, Vector<uint16_t> lookup, Filled<Code> out) {
  same_length(order.shape(0), out.shape(0));
  nb::gil_scoped_release free;
  arrange(codes.data(), order.data(), lookup.data(), order.shape(0), out.data());
}

// Where the table of each partner starts among cells of all of them, and how many cells there are.
std::vector<std::size_t> table_starts(int64_t n_left, const Vector<int64_t> &sizes) {
  std::vector<std::size_t> starts{0};
  for (std::size_t k = 0; k < sizes.shape(0); ++k)
    starts.push_back(starts.back() + static_cast<std::size_t>(n_left * sizes.data()[k]));
  return starts;
}

template <class Code>
std::pair<Result<double>, Result<double>> py_count_pairs(Matrix<Code> codes, int64_t left, Vector<int64_t> partners,
                                                         int64_t n_left, Vector<int64_t> sizes, Vector<int64_t> segments,
                                                         int64_t n_groups, Vector<double> weights, int threads) {
  same_length(partners.shape(0), sizes.shape(0));
  const int64_t n_classes = static_cast<int64_t>(weights.shape(0));
  same_length(segments.shape(0), static_cast<std::size_t>(n_groups * n_classes + 1));
  const std::vector<std::size_t> starts = table_starts(n_left, sizes);
  Buffer<double> grouped({starts.back() * static_cast<std::size_t>(n_groups)});
  Buffer<double> classed({starts.back() * static_cast<std::size_t>(n_classes)});
  const std::size_t n = codes.shape(1);
  released(threads, [&](const Crew &crew) {
    parallel(partners.shape(0), crew, threads == 1 || n * partners.shape(0) < 1u << 17, [&](std::size_t k) {
      std::vector<uint32_t> space;
      count_pair(codes.data() + static_cast<std::size_t>(left) * n,
                 codes.data() + static_cast<std::size_t>(partners.data()[k]) * n, n_left, sizes.data()[k],
                 Segments{segments.data(), n_groups, n_classes, weights.data()},
                 grouped.data.get() + starts[k] * static_cast<std::size_t>(n_groups),
                 classed.data.get() + starts[k] * static_cast<std::size_t>(n_classes), space);
    });
  });
  return {grouped.release(), classed.release()};
}

std::pair<Result<double>, Result<double>> py_measure_tables(Vector<double> real, Vector<double> synthetic, int64_t n_left,
                                                            Vector<int64_t> sizes, std::size_t n_groups,
                                                            Matrix<double> splits, int threads) {
  const std::vector<std::size_t> starts = table_starts(n_left, sizes);
  same_length(real.shape(0), starts.back() * n_groups);
  same_length(synthetic.shape(0), real.shape(0));
  const std::size_t n = sizes.shape(0), n_splits = splits.shape(0), width = 1 + n_groups + n_splits;
  Buffer<double> sums({n, 3, width});
  Buffer<double> whole({n, 2, 3});
  released(threads, [&](const Crew &crew) {
    parallel(n, crew, threads == 1 || starts.back() < 1u << 12, [&](std::size_t k) {
      PairSpace space;
      double *out = sums.data.get() + k * 3 * width;
      measure_pair(real.data() + starts[k] * n_groups, synthetic.data() + starts[k] * n_groups, n_groups,
                   static_cast<std::size_t>(n_left), static_cast<std::size_t>(sizes.data()[k]), splits.data(), n_splits,
                   PairSums{out, out + width, out + 2 * width, whole.data.get() + k * 6}, space);
    });
  });
  return {sums.release(), whole.release()};
}

void py_add_keys(Vector<double> values, uint64_t salt, uint64_t null, Filled<uint64_t> keys) {
  same_length(values.shape(0), keys.shape(0));
  nb::gil_scoped_release free;
  add_keys(values.data(), values.shape(0), salt, null, keys.data());
}

std::pair<Result<int64_t>, Result<int64_t>> py_number_words(Vector<uint64_t> words, std::size_t most) {
  Buffer<int64_t> numbers({words.shape(0)});
  std::vector<int64_t> first;
  bool few;
  {
    nb::gil_scoped_release free;
    few = number_words(words.data(), words.shape(0), most, numbers.data.get(), first);
  }
  if (!few)
    first.clear();
  Buffer<int64_t> rows({first.size()});
  std::copy(first.begin(), first.end(), rows.data.get());
  return {numbers.release(), rows.release()};
}

void bind_columns(nb::module_ &m) {
  m.def("sort_column", &py_sort_column);
  m.def("sort_words", &py_sort_words);
  m.def("cells_of_sorted", &py_cells_of_sorted);
  m.def("ranks_of_sorted", &py_ranks_of_sorted);
  m.def("merge_sorted", &py_merge_sorted);
  m.def("count_cells", &py_count_cells);
  m.def("used_cells", &py_used_cells);
  m.def("arrange", &py_arrange<uint8_t>);
  m.def("arrange", &py_arrange<uint16_t>);
  m.def("count_pairs", &py_count_pairs<uint8_t>);
  m.def("count_pairs", &py_count_pairs<uint16_t>);
  m.def("measure_tables", &py_measure_tables);
  m.def("add_keys", &py_add_keys);
  m.def("number_words", &py_number_words);
}
// ------------------------------------------------------------------------------------------------- end of columns

} // namespace

NB_MODULE(_native, m) {
  m.doc() = "Native kernels of Contrapeso; use them through contrapeso.kernels.";
  m.def("isa", [] { return std::string(chosen_kernel()->name); }, "Instruction set in use.");
  m.def("isas", &isas, "Instruction sets that this machine has a kernel for, best first.");
  m.def("use", &use, "name"_a, "Use the kernel of this name from now on (tests and measurements).");
  nb::class_<PySearch>(m, "Search")
      .def(nb::init<Matrix<double>, Matrix<int32_t>, Matrix<float>, Vector<int64_t>, double, double, double>())
      .def("neighbors", &PySearch::neighbors)
      .def("distinct_neighbors", &PySearch::distinct_neighbors)
      .def("query", &PySearch::query)
      .def("nearest_enemy", &PySearch::nearest_enemy)
      .def("neighbors_agree", &PySearch::neighbors_agree);
  m.def("distinct", &py_distinct);
  m.def("greatest", &py_greatest);
  m.def("products", &py_products);
  m.def("project", &py_project);
  m.def("interpolate", &py_interpolate<double>);
  m.def("interpolate", &py_interpolate<float>);
  m.def("pick", &py_pick);
  m.def("vote", &py_vote);
  m.def("value_neighbors", &py_value_neighbors);
  m.def("nearest_gower", &py_nearest_gower);
  bind_columns(m);
}
