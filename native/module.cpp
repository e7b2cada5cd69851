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

#include "frame.hpp"
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
}
