// Exact nearest neighbours: a float32 filter that provably lets every true neighbour through, decided in float64.
//
// Rows that are equal are one point. Points live twice: as they came (float64, which decides) and as float32
// coordinates in a rotated, centred and scaled frame (which filters: most spread first, so that trees prune and sums pass
// a threshold early). A tree puts points into leaves of at most four panels of 64; queries go through it in groups of up to
// 64 that lie together, nearest leaf first.
//
// The filter. Let z be the exact image of a point in the frame and f its float32 coordinates: |f - z| <= kappa * |f|, kappa
// covering the rounding to float32 and the rotation. If two rows are within r of each other (in the frame's scale), their
// coordinates are within r + delta, delta = kappa * (|f| + |f'|), and the float32 sum of at most m terms is at most
// (r + delta)^2 * (1 + (m + 4) * 2^-24) plus what underflow adds. So with r the exact distance of the k-th best row found so far,
// no row that is as near or nearer is filtered out, and every row that passes is measured in float64 in the documented order of
// operations. There is nothing to certify afterwards, and ties, which all pass, are decided by row number. Squares that vanish
// in float64 make ties too, of rows that are not equal: so r has added to it what the square root of m of them may hide.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>
#include <vector>

#include "parallel.hpp"
#include "scan.hpp"

namespace contrapeso {

constexpr int LEAF_PANELS = 4;
constexpr int LEAF = LEAF_PANELS * PANEL;
constexpr int GROUP = 64;
constexpr int MANY = 128; // neighbours from which they are kept on a heap until all are found
constexpr int BOX = 16; // coordinates that boxes and splits look at: the ones with the most spread
constexpr float FAR_AWAY = 1e18f;
constexpr double INF = std::numeric_limits<double>::infinity();

struct Points {           // distinct points
  int64_t n = 0;          // points
  int columns = 0;        // float columns
  int codes = 0;          // code columns
  const double *exact;    // n x columns
  const int32_t *atoms;   // n x codes
  const float *frame;     // n x columns, the rotated coordinates
};

struct Frame {
  double scale = 1.0;       // from distances of rows to distances of coordinates
  double kappa = 0.0;       // relative error of a point's coordinates
  double mismatch_sq = 0.0; // what one differing code adds to an exact squared distance
};

inline float norm_of(const float *x, int n) {
  double sum = 0.0;
  for (int j = 0; j < n; ++j)
    sum += static_cast<double>(x[j]) * x[j];
  return static_cast<float>(std::sqrt(sum) * (1.0 + 1e-6));
}

// The one order of operations that decides.
inline double exact_distance(const double *a, const double *b, int columns, const int32_t *c, const int32_t *d, int codes,
                             double mismatch_sq) {
  double sum = 0.0;
  for (int j = 0; j < columns; ++j) {
    const double difference = a[j] - b[j];
    sum += difference * difference;
  }
  if (codes > 0) {
    int differing = 0;
    for (int j = 0; j < codes; ++j)
      differing += c[j] != d[j];
    sum += mismatch_sq * differing;
  }
  return sum;
}

// A heap of the rows found, the farthest on top: cheaper than rows in order where many are wanted.
struct Heap {
  double *squared;
  int64_t *rows;
  int64_t size;

  bool farther(int64_t a, double than_squared, int64_t than_row) const {
    return squared[a] > than_squared || (squared[a] == than_squared && rows[a] > than_row);
  }
  // Puts a row at the free place `at`, or wherever it belongs below.
  void put(int64_t at, double apart, int64_t row) const {
    for (int64_t child = 2 * at + 1; child < size; child = 2 * at + 1) {
      child += child + 1 < size && farther(child + 1, squared[child], rows[child]);
      if (!farther(child, apart, row))
        break;
      squared[at] = squared[child];
      rows[at] = rows[child];
      at = child;
    }
    squared[at] = apart;
    rows[at] = row;
  }
  void make() const {
    for (int64_t at = size / 2 - 1; at >= 0; --at)
      put(at, squared[at], rows[at]);
  }
  void sort() { // nearest first; a heap no more
    while (size > 1) {
      const int64_t last = --size;
      const double apart = squared[last];
      const int64_t row = rows[last];
      squared[last] = squared[0];
      rows[last] = rows[0];
      put(0, apart, row);
    }
  }
};

// Orders items so that neighbours stand together, by halving at the median of the widest coordinate.
// `unit` is the size that every part but the last is a multiple of; `leaf(begin, end, parent)` is told of each part.
class Halving {
public:
  Halving(const float *frame, int columns, std::vector<int64_t> &order)
      : frame_(frame), columns_(columns), box_(std::min(columns, BOX)), order_(order) {}

  // The coordinate with the greatest spread among a sample of the part, or -1 where all are equal there.
  int widest(int64_t begin, int64_t end) const {
    const int64_t step = std::max<int64_t>(1, (end - begin) / 128);
    float low[BOX], high[BOX];
    std::fill(low, low + BOX, std::numeric_limits<float>::max());
    std::fill(high, high + BOX, -std::numeric_limits<float>::max());
    for (int64_t i = begin; i < end; i += step) {
      const float *x = frame_ + order_[i] * columns_;
      for (int j = 0; j < box_; ++j) {
        low[j] = std::min(low[j], x[j]);
        high[j] = std::max(high[j], x[j]);
      }
    }
    int best = -1;
    float spread = 0.0f;
    for (int j = 0; j < box_; ++j)
      if (high[j] - low[j] > spread) {
        spread = high[j] - low[j];
        best = j;
      }
    return best;
  }

  int64_t split(int64_t begin, int64_t end, int64_t unit) {
    const int64_t units = (end - begin + unit - 1) / unit;
    const int64_t middle = begin + (units / 2) * unit;
    const int column = widest(begin, end);
    if (column >= 0) {
      const float *frame = frame_ + column;
      const int64_t width = columns_;
      std::nth_element(order_.begin() + begin, order_.begin() + middle, order_.begin() + end,
                       [frame, width](int64_t a, int64_t b) {
                         const float x = frame[a * width], y = frame[b * width];
                         return x < y || (x == y && a < b);
                       });
    }
    return middle;
  }

private:
  const float *frame_;
  int64_t columns_;
  int box_;
  std::vector<int64_t> &order_;
};

// What a query has found so far, and what may still matter to it.
struct Seeker {
  Query query{};
  const double *exact = nullptr;
  int64_t self = -1;   // row that does not count
  double norm = 0.0;   // of its coordinates
  double limit = INF;  // squared distance beyond which nothing counts
  int64_t limit_row = std::numeric_limits<int64_t>::max(); // at that distance, rows from this one on do not count
  double reach = INF;  // the limit as a distance of coordinates, rounded up
  int wanted = 0;
  int found = 0;
  bool counting = false; // only how many lie within the limit matters, up to `wanted`
  bool done = false;
  int64_t *rows = nullptr;
  double *squared = nullptr;
};

class Judge { // rounding rules of the filter
public:
  Judge(const Frame &frame, int columns, int codes)
      : scale_(frame.scale), kappa_(frame.kappa), grow_(1.0 + columns * 0x1p-48),
        hidden_(std::sqrt(2.0 * (columns + 1)) * 0x1p-537 * frame.scale),
        slack_(1.0 + (columns + codes + 6) * 0x1p-23), tiny_((columns + 1) * 0x1p-120) {}

  double reach(double squared) const { return std::sqrt(squared) * scale_ * grow_ + hidden_; }
  double delta(double norm, double other) const { return kappa_ * (norm + other); }
  // Greatest float distance that a row within `reach` can have.
  float threshold(double reach, double delta) const {
    const double edge = (reach + delta) * (reach + delta) * slack_ + tiny_;
    return edge < 3e38 ? static_cast<float>(edge) * (1.0f + 0x1p-21f) : std::numeric_limits<float>::infinity();
  }
  // Greatest reach of a row whose float distance is `measured`.
  double reach_of(float measured, double delta) const { return std::sqrt(measured * slack_ + tiny_) + delta + hidden_; }
  double slack() const { return slack_; }

private:
  double scale_, kappa_, grow_;
  double hidden_; // distance of coordinates that squares lost to underflow may hide
  double slack_, tiny_;
};

class Tree {
public:
  // `members[i]` are the rows of point `ids[i]`: starts[i] to starts[i + 1], ascending.
  Tree(const Points &points, const Frame &frame, std::vector<int64_t> ids, std::vector<int64_t> starts,
       std::vector<int64_t> rows)
      : points_(points), frame_(frame), judge_(frame, points.columns, points.codes), box_(std::min(points.columns, BOX)),
        order_(std::move(ids)), shape_{points.columns, points.codes,
                                       static_cast<float>(frame.mismatch_sq * frame.scale * frame.scale)} {
    std::vector<int64_t> place(order_.size());
    std::iota(place.begin(), place.end(), int64_t{0});
    place_ids_ = std::move(order_);
    // Halving sorts places; the frame is reached through the ids, so coordinates are gathered once.
    std::vector<float> coordinates(place.size() * static_cast<std::size_t>(std::max(box_, 1)));
    for (std::size_t i = 0; i < place.size(); ++i)
      std::copy_n(points_.frame + place_ids_[i] * points_.columns, box_, coordinates.data() + i * box_);
    Halving halving(coordinates.data(), box_, place);
    if (!place.empty())
      build(halving, 0, static_cast<int64_t>(place.size()));
    fill(place, starts, rows);
  }

  bool empty() const { return nodes_.empty(); }

  void search(Seeker *seekers, int n, const Kernel &kernel) const {
    if (!nodes_.empty())
      visit(0, seekers, n, group_of(seekers, n), kernel);
  }

  // How near its points can be to those of the seekers; not for an empty tree.
  float bound(const Seeker *seekers, int n) const { return boxes_[0].to(group_of(seekers, n)); }

private:
  struct Node {
    int32_t left = -1, right = -1;
    int64_t first = 0; // of its points, in leaf order
    int32_t size = 0;
    float radius = 0.0f; // greatest norm of its coordinates
  };
  struct Box {
    float low[BOX], high[BOX];
    int n;
    explicit Box(int size) : n(size) {
      std::fill(low, low + BOX, std::numeric_limits<float>::max());
      std::fill(high, high + BOX, -std::numeric_limits<float>::max());
    }
    void take(const float *x) {
      for (int j = 0; j < n; ++j) {
        low[j] = std::min(low[j], x[j]);
        high[j] = std::max(high[j], x[j]);
      }
    }
    void take(const Box &other) {
      for (int j = 0; j < n; ++j) {
        low[j] = std::min(low[j], other.low[j]);
        high[j] = std::max(high[j], other.high[j]);
      }
    }
    float to(const Box &other) const { // squared distance of the nearest corners
      float sum = 0.0f;
      for (int j = 0; j < n; ++j) {
        const float gap = std::max(std::max(low[j] - other.high[j], other.low[j] - high[j]), 0.0f);
        sum += gap * gap;
      }
      return sum;
    }
    float to(const float *x) const {
      float sum = 0.0f;
      for (int j = 0; j < n; ++j) {
        const float gap = std::max(std::max(low[j] - x[j], x[j] - high[j]), 0.0f);
        sum += gap * gap;
      }
      return sum;
    }
  };

  Box group_of(const Seeker *seekers, int n) const {
    Box group(box_);
    for (int i = 0; i < n; ++i)
      group.take(seekers[i].query.point);
    return group;
  }

  int32_t build(Halving &halving, int64_t begin, int64_t end) {
    const int32_t me = static_cast<int32_t>(nodes_.size());
    nodes_.emplace_back();
    boxes_.emplace_back(box_);
    nodes_[me].first = begin;
    nodes_[me].size = static_cast<int32_t>(std::min<int64_t>(end - begin, std::numeric_limits<int32_t>::max()));
    if (end - begin > LEAF) {
      const int64_t middle = halving.split(begin, end, LEAF);
      const int32_t left = build(halving, begin, middle);
      const int32_t right = build(halving, middle, end);
      nodes_[me].left = left;
      nodes_[me].right = right;
    }
    return me;
  }

  void fill(const std::vector<int64_t> &place, const std::vector<int64_t> &starts, const std::vector<int64_t> &rows) {
    const int64_t n = static_cast<int64_t>(place.size());
    const int width = points_.columns + points_.codes;
    const int64_t panels = (n + PANEL - 1) / PANEL;
    panels_.assign(static_cast<std::size_t>(panels) * PANEL * std::max(width, 1), FAR_AWAY);
    ids_.resize(place.size());
    row_starts_.resize(place.size() + 1);
    rows_.reserve(rows.size());
    std::vector<float> norms(place.size());
    for (int64_t i = 0; i < n; ++i) {
      const int64_t id = place_ids_[place[i]];
      ids_[i] = id;
      row_starts_[i] = static_cast<int64_t>(rows_.size());
      rows_.insert(rows_.end(), rows.begin() + starts[place[i]], rows.begin() + starts[place[i] + 1]);
      float *column = panels_.data() + (i / PANEL) * PANEL * width + i % PANEL;
      const float *x = points_.frame + id * points_.columns;
      for (int j = 0; j < points_.columns; ++j)
        column[j * PANEL] = x[j];
      for (int j = 0; j < points_.codes; ++j)
        std::memcpy(column + (points_.columns + j) * PANEL, points_.atoms + id * points_.codes + j, sizeof(float));
      norms[i] = norm_of(x, points_.columns);
    }
    row_starts_[n] = static_cast<int64_t>(rows_.size());
    place_ids_.clear();
    place_ids_.shrink_to_fit();
    for (int32_t node = static_cast<int32_t>(nodes_.size()) - 1; node >= 0; --node) // children come after parents
      measure_node(node, norms);
  }

  void measure_node(int32_t node, const std::vector<float> &norms) {
    Node &me = nodes_[node];
    if (me.left >= 0) {
      boxes_[node].take(boxes_[me.left]);
      boxes_[node].take(boxes_[me.right]);
      me.radius = std::max(nodes_[me.left].radius, nodes_[me.right].radius);
      return;
    }
    for (int64_t i = me.first; i < me.first + me.size; ++i) {
      boxes_[node].take(points_.frame + ids_[i] * points_.columns);
      me.radius = std::max(me.radius, norms[i]);
    }
  }

  float threshold(const Seeker &seeker, float radius) const {
    return judge_.threshold(seeker.reach, judge_.delta(seeker.norm, radius));
  }

  bool matters(float bound, float threshold) const {
    return static_cast<double>(bound) <= static_cast<double>(threshold) * judge_.slack();
  }

  void visit(int32_t node, Seeker *seekers, int n, const Box &group, const Kernel &kernel) const {
    const Node &me = nodes_[node];
    const float bound = boxes_[node].to(group);
    double reach = -1.0, norm = 0.0; // of the seeker that sees farthest, and the greatest norm: a threshold above all
    for (int i = 0; i < n; ++i) {
      reach = std::max(reach, seekers[i].done ? -1.0 : seekers[i].reach);
      norm = std::max(norm, seekers[i].norm);
    }
    if (reach < 0.0 || !matters(bound, judge_.threshold(reach, judge_.delta(norm, me.radius))))
      return;
    if (me.left < 0)
      return scan_leaf(me, boxes_[node], seekers, n, kernel);
    const bool left_first = boxes_[me.left].to(group) <= boxes_[me.right].to(group);
    visit(left_first ? me.left : me.right, seekers, n, group, kernel);
    visit(left_first ? me.right : me.left, seekers, n, group, kernel);
  }

  void scan_leaf(const Node &leaf, const Box &box, Seeker *seekers, int n, const Kernel &kernel) const {
    Seeker *active[GROUP];
    float thresholds[GROUP];
    int count = 0;
    for (int i = 0; i < n; ++i) {
      if (seekers[i].done)
        continue;
      if (seekers[i].reach == INF)
        seed(leaf, seekers[i], kernel);
      const float edge = threshold(seekers[i], leaf.radius);
      if (matters(box.to(seekers[i].query.point), edge)) {
        thresholds[count] = edge;
        active[count++] = &seekers[i];
      }
    }
    const int64_t stride = static_cast<int64_t>(PANEL) * (points_.columns + points_.codes);
    for (int32_t start = 0; start < leaf.size; start += PANEL) {
      const float *panel = panels_.data() + (leaf.first + start) / PANEL * stride;
      const int valid = std::min<int32_t>(PANEL, leaf.size - start);
      const uint64_t real = valid == PANEL ? ~uint64_t{0} : (uint64_t{1} << valid) - 1;
      for (int i = 0; i < count; i += 4) {
        const int m = std::min(4, count - i);
        Query queries[4];
        uint64_t masks[4];
        for (int a = 0; a < m; ++a)
          queries[a] = active[i + a]->query;
        kernel.scan(panel, shape_, queries, m, thresholds + i, masks);
        for (int a = 0; a < m; ++a) {
          const uint64_t mask = masks[a] & real;
          if (mask == 0 || active[i + a]->done)
            continue;
          weigh(*active[i + a], leaf.first + start, mask);
          thresholds[i + a] = threshold(*active[i + a], leaf.radius);
        }
      }
    }
  }

  // A first limit from the float distances of the first leaf met, so that few rows need be measured exactly: at least
  // `wanted` points are within the `wanted`-th smallest of the least distances at 16 (or 64) places.
  void seed(const Node &leaf, Seeker &seeker, const Kernel &kernel) const {
    const int wanted = seeker.wanted + 1; // the row itself may be among them
    // Where there are no coordinates to put them far away, the empty places of the last panel are left out.
    const int panels = points_.columns > 0 ? (leaf.size + PANEL - 1) / PANEL : leaf.size / PANEL;
    if (wanted > PANEL || wanted > leaf.size || panels == 0 || seeker.counting)
      return;
    float least[PANEL];
    const int64_t stride = static_cast<int64_t>(PANEL) * (points_.columns + points_.codes);
    kernel.least(panels_.data() + leaf.first / PANEL * stride, panels, shape_, seeker.query, least);
    const float edge = nth_least(least, wanted, kernel);
    const double reach = judge_.reach_of(edge, judge_.delta(seeker.norm, leaf.radius));
    if (reach < 1e9) // nobody real is farther: coordinates are at most 1, or the query lies far outside
      seeker.reach = reach * (1.0 + 1e-9);
  }

  static float nth_least(float *least, int wanted, const Kernel &kernel) {
    if (wanted > 8) {
      std::nth_element(least, least + wanted - 1, least + PANEL);
      return least[wanted - 1];
    }
    for (int i = 16; i < PANEL; ++i)
      least[i % 16] = std::min(least[i % 16], least[i]);
    return kernel.nth_of_16(least, wanted);
  }

  void weigh(Seeker &seeker, int64_t first, uint64_t mask) const {
    for (; mask != 0 && !seeker.done; mask &= mask - 1) {
      const int64_t i = first + lowest(mask);
      const int64_t id = ids_[i];
      const double squared =
          exact_distance(seeker.exact, points_.exact + id * points_.columns, points_.columns, seeker.query.codes,
                         points_.atoms + id * points_.codes, points_.codes, frame_.mismatch_sq);
      for (int64_t at = row_starts_[i]; at < row_starts_[i + 1]; ++at) {
        const int64_t row = rows_[at];
        if (row == seeker.self)
          continue;
        if (!(squared < seeker.limit || (squared == seeker.limit && row < seeker.limit_row)))
          break; // the rows that follow are higher
        if (seeker.counting) {
          if (++seeker.found >= seeker.wanted) {
            seeker.done = true;
            break;
          }
        } else {
          keep(seeker, squared, row);
        }
      }
    }
    if (!seeker.counting && seeker.limit < INF)
      seeker.reach = std::min(seeker.reach, judge_.reach(seeker.limit));
  }

  void keep(Seeker &seeker, double squared, int64_t row) const {
    if (seeker.wanted > MANY)
      put_on_heap(seeker, squared, row);
    else
      put_in_order(seeker, squared, row);
    if (seeker.found == seeker.wanted) {
      const int farthest = seeker.wanted > MANY ? 0 : seeker.wanted - 1;
      seeker.limit = seeker.squared[farthest];
      seeker.limit_row = seeker.rows[farthest];
    }
  }

  static void put_on_heap(Seeker &seeker, double squared, int64_t row) {
    const Heap heap{seeker.squared, seeker.rows, seeker.wanted};
    if (seeker.found == seeker.wanted)
      return heap.put(0, squared, row);
    seeker.squared[seeker.found] = squared;
    seeker.rows[seeker.found++] = row;
    if (seeker.found == seeker.wanted)
      heap.make();
  }

  static void put_in_order(Seeker &seeker, double squared, int64_t row) {
    int at = seeker.found < seeker.wanted ? seeker.found++ : seeker.wanted - 1;
    for (; at > 0 && !(seeker.squared[at - 1] < squared); --at) {
      if (seeker.squared[at - 1] == squared && seeker.rows[at - 1] < row)
        break;
      seeker.squared[at] = seeker.squared[at - 1];
      seeker.rows[at] = seeker.rows[at - 1];
    }
    seeker.squared[at] = squared;
    seeker.rows[at] = row;
  }

  static int lowest(uint64_t mask) {
#if defined(__GNUC__)
    return __builtin_ctzll(mask);
#else
    int at = 0;
    while (!(mask & 1)) {
      mask >>= 1;
      ++at;
    }
    return at;
#endif
  }

  const Points &points_;
  const Frame &frame_;
  Judge judge_;
  int box_;
  std::vector<int64_t> order_, place_ids_;
  ScanShape shape_;
  std::vector<Node> nodes_;
  std::vector<Box> boxes_;
  std::vector<float> panels_;
  std::vector<int64_t> ids_, row_starts_, rows_;
};

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
