// The searches over a set of rows: its trees are built when first needed, queries go in groups that lie together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>
#include <vector>

#include "parallel.hpp"
#include "points.hpp"
#include "tree.hpp"

namespace contrapeso {

// A set of rows, its trees (built when first needed) and the searches over it.
class Core {
public:
  // `which[row]` is the point that each row is.
  Core(const Points &points, const Frame &frame, std::vector<int64_t> which, const Kernel &kernel)
      : points_(points), frame_(frame), judge_(frame, points.columns, points.codes), which_(std::move(which)),
        kernel_(kernel) {}

  int64_t n_rows() const { return static_cast<int64_t>(which_.size()); }

  void neighbors(const int64_t *rows, int64_t n, int k, int64_t *found, double *squared, const Crew &crew) {
    const Tree &tree = whole();
    run(rows, n, crew, [&](Seeker *seekers, const int64_t *places, int m) {
      for (int i = 0; i < m; ++i)
        want(seekers[i], k, found + places[i] * k, squared + places[i] * k);
      search(tree, seekers, m);
    });
  }

  // Each point once, named by its first row; answers are for points.
  void distinct_neighbors(int k, int64_t *found, double *squared, const Crew &crew) {
    std::vector<int64_t> first = first_rows();
    std::vector<int64_t> ids(static_cast<std::size_t>(points_.n)), starts(ids.size() + 1);
    std::iota(ids.begin(), ids.end(), int64_t{0});
    std::iota(starts.begin(), starts.end(), int64_t{0});
    const Tree tree(points_, frame_, ids, starts, first);
    run(first.data(), static_cast<int64_t>(first.size()), crew, [&](Seeker *seekers, const int64_t *places, int m) {
      for (int i = 0; i < m; ++i)
        want(seekers[i], k, found + places[i] * k, squared + places[i] * k);
      search(tree, seekers, m);
    });
  }

  // Points that are not rows: `others` are points of their own in the same frame.
  void query(const Points &others, int k, int64_t *found, double *squared, const Crew &crew) {
    const Tree &tree = whole();
    std::vector<int64_t> order(static_cast<std::size_t>(others.n));
    std::iota(order.begin(), order.end(), int64_t{0});
    gather(others, order);
    const std::size_t groups = (order.size() + GROUP - 1) / GROUP;
    parallel(groups, crew, light(others.n), [&](std::size_t group) {
      Seeker seekers[GROUP];
      const std::size_t begin = group * GROUP;
      const int m = static_cast<int>(std::min<std::size_t>(GROUP, order.size() - begin));
      for (int i = 0; i < m; ++i) {
        const int64_t at = order[begin + i];
        place(seekers[i], others, at);
        want(seekers[i], k, found + at * k, squared + at * k);
      }
      search(tree, seekers, m);
    });
  }

  void nearest_enemy(const int32_t *labels, const int64_t *rows, int64_t n, int64_t *found, double *squared,
                     const Crew &crew) {
    const std::shared_ptr<const Classes> kept = classes_of(labels); // another thread may ask with other labels
    const Classes &classes = *kept;
    std::fill(found, found + n, int64_t{-1});
    std::fill(squared, squared + n, INF);
    run(rows, n, crew, [&](Seeker *seekers, const int64_t *places, int m) {
      for (int i = 0; i < m; ++i)
        want(seekers[i], 1, found + places[i], squared + places[i]);
      search_enemies(classes, labels, seekers, m);
    });
  }

  // Whether the nearest enemy is no nearer than k rows of the own class.
  void neighbors_agree(const int32_t *labels, const int64_t *rows, int64_t n, int k, bool *agree, const Crew &crew) {
    const std::shared_ptr<const Classes> kept = classes_of(labels);
    const Classes &classes = *kept;
    run(rows, n, crew, [&](Seeker *seekers, const int64_t *places, int m) {
      int64_t enemy[GROUP];
      double apart[GROUP];
      for (int i = 0; i < m; ++i) {
        enemy[i] = -1;
        apart[i] = INF;
        want(seekers[i], 1, enemy + i, apart + i);
      }
      search_enemies(classes, labels, seekers, m);
      for (int i = 0; i < m; ++i) { // the search may have put the seekers in another order
        const std::ptrdiff_t at = seekers[i].rows - enemy;
        count_within(seekers[i], k, enemy[at], apart[at]);
      }
      by_label(labels, seekers, m,
               [&](int32_t label, Seeker *some, int size) { classes.trees[label]->search(some, size, kernel_); });
      for (int i = 0; i < m; ++i)
        agree[places[seekers[i].rows - enemy]] = seekers[i].done;
    });
  }

private:
  struct Classes {
    std::vector<int32_t> labels;
    std::vector<std::unique_ptr<Tree>> trees; // by label
  };
  struct Members { // points, and the rows that each is
    std::vector<int64_t> ids, starts, rows;
    void take(int64_t id, int64_t row) {
      if (ids.empty() || ids.back() != id) {
        ids.push_back(id);
        starts.push_back(static_cast<int64_t>(rows.size()));
      }
      rows.push_back(row);
    }
  };

  void search(const Tree &tree, Seeker *seekers, int m) const {
    tree.search(seekers, m, kernel_);
    for (int i = 0; i < m; ++i)
      if (seekers[i].wanted > MANY)
        Heap{seekers[i].squared, seekers[i].rows, seekers[i].wanted}.sort();
  }

  static void want(Seeker &seeker, int k, int64_t *rows, double *squared) {
    seeker.wanted = k;
    seeker.rows = rows;
    seeker.squared = squared;
  }

  void count_within(Seeker &seeker, int k, int64_t enemy, double apart) const {
    seeker.counting = true;
    seeker.found = 0;
    seeker.wanted = k;
    seeker.limit = apart;
    seeker.limit_row = enemy < 0 ? std::numeric_limits<int64_t>::max() : enemy;
    seeker.reach = enemy < 0 ? INF : judge_.reach(apart);
    seeker.done = enemy < 0 || k == 0; // nobody disagrees
  }

  static bool light(int64_t n) { return n <= 4 * GROUP; }

  void place(Seeker &seeker, const Points &from, int64_t id) const {
    seeker = Seeker{};
    seeker.query = {from.frame + id * from.columns, from.atoms + id * from.codes};
    seeker.exact = from.exact + id * from.columns;
    std::fill(seeker.corner, seeker.corner + BOX, 0.0f);
    std::copy_n(seeker.query.point, std::min(from.columns, BOX), seeker.corner);
    seeker.norm = norm_of(seeker.query.point, from.columns);
  }

  // Calls task(seekers, places, m) for groups of queries that lie together; places are positions in `rows`.
  template <class Task> void run(const int64_t *rows, int64_t n, const Crew &crew, Task &&task) {
    std::vector<int64_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), int64_t{0});
    std::vector<int64_t> ids(order.size());
    for (int64_t i = 0; i < n; ++i)
      ids[i] = which_[rows[i]];
    gather(points_, order, ids.data());
    const std::size_t groups = (order.size() + GROUP - 1) / GROUP;
    parallel(groups, crew, light(n) && points_.n < 4096, [&](std::size_t group) {
      Seeker seekers[GROUP];
      int64_t places[GROUP];
      const std::size_t begin = group * GROUP;
      const int m = static_cast<int>(std::min<std::size_t>(GROUP, order.size() - begin));
      for (int i = 0; i < m; ++i) {
        places[i] = order[begin + i];
        place(seekers[i], points_, ids[places[i]]);
        seekers[i].self = rows[places[i]];
      }
      task(seekers, places, m);
    });
  }

  // Orders queries so that those of a group lie together.
  static void gather(const Points &points, std::vector<int64_t> &order, const int64_t *ids = nullptr) {
    const int box = std::min(points.columns, BOX);
    if (box == 0 || order.size() <= GROUP)
      return;
    std::vector<float> coordinates(order.size() * box);
    for (std::size_t i = 0; i < order.size(); ++i)
      std::copy_n(points.frame + (ids ? ids[i] : order[i]) * points.columns, box, coordinates.data() + i * box);
    Halving halving(coordinates.data(), box, order);
    gather(halving, 0, static_cast<int64_t>(order.size()));
  }

  static void gather(Halving &halving, int64_t begin, int64_t end) {
    if (end - begin <= GROUP)
      return;
    const int64_t middle = halving.split(begin, end, GROUP);
    gather(halving, begin, middle);
    gather(halving, middle, end);
  }

  template <class Task> static void by_label(const int32_t *labels, Seeker *seekers, int m, Task &&task) {
    std::stable_sort(seekers, seekers + m,
                     [labels](const Seeker &a, const Seeker &b) { return labels[a.self] < labels[b.self]; });
    for (int begin = 0; begin < m;) {
      int end = begin;
      while (end < m && labels[seekers[end].self] == labels[seekers[begin].self])
        ++end;
      task(labels[seekers[begin].self], seekers + begin, end - begin);
      begin = end;
    }
  }

  void search_enemies(const Classes &classes, const int32_t *labels, Seeker *seekers, int m) const {
    by_label(labels, seekers, m, [&](int32_t label, Seeker *some, int size) {
      std::vector<std::pair<float, const Tree *>> others; // the nearest tree first
      for (std::size_t other = 0; other < classes.trees.size(); ++other)
        if (static_cast<int32_t>(other) != label && !classes.trees[other]->empty())
          others.emplace_back(classes.trees[other]->bound(some, size), classes.trees[other].get());
      std::stable_sort(others.begin(), others.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
      for (const auto &other : others)
        other.second->search(some, size, kernel_);
    });
  }

  const Tree &whole() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!whole_)
      whole_ = tree_of(std::move(grouped(nullptr, 1)[0]));
    return *whole_;
  }

  std::shared_ptr<const Classes> classes_of(const int32_t *labels) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (classes_ && std::equal(classes_->labels.begin(), classes_->labels.end(), labels))
      return classes_;
    classes_.reset();
    auto classes = std::make_shared<Classes>();
    classes->labels.assign(labels, labels + which_.size());
    int64_t n = 0;
    for (int32_t label : classes->labels)
      n = std::max<int64_t>(n, int64_t{label} + 1);
    for (Members &members : grouped(labels, static_cast<std::size_t>(n)))
      classes->trees.push_back(tree_of(std::move(members)));
    classes_ = classes;
    return classes;
  }

  std::unique_ptr<Tree> tree_of(Members members) const {
    return std::make_unique<Tree>(points_, frame_, std::move(members.ids), std::move(members.starts), std::move(members.rows));
  }

  // Points with their rows, ascending, label by label; without `labels` all have label 0.
  std::vector<Members> grouped(const int32_t *labels, std::size_t n_labels) const {
    std::vector<int64_t> next(static_cast<std::size_t>(points_.n) + 1, 0), by_point(which_.size());
    for (int64_t id : which_)
      ++next[id + 1];
    std::partial_sum(next.begin(), next.end(), next.begin());
    for (int64_t row = 0; row < n_rows(); ++row)
      by_point[next[which_[row]]++] = row;
    std::vector<Members> groups(n_labels);
    for (int64_t row : by_point)
      groups[labels ? labels[row] : 0].take(which_[row], row);
    for (Members &group : groups)
      group.starts.push_back(static_cast<int64_t>(group.rows.size()));
    return groups;
  }

  std::vector<int64_t> first_rows() const {
    std::vector<int64_t> first(static_cast<std::size_t>(points_.n), -1);
    for (int64_t row = n_rows() - 1; row >= 0; --row)
      first[which_[row]] = row;
    return first;
  }

  const Points points_;
  const Frame frame_;
  Judge judge_;
  std::vector<int64_t> which_;
  const Kernel &kernel_;
  std::mutex mutex_;
  std::unique_ptr<Tree> whole_;
  std::shared_ptr<const Classes> classes_; // of the labels last asked with
};

} // namespace contrapeso
