// The tree: points in leaves of at most four panels, and what a query has found so far. The rules of the filter are in
// points.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "points.hpp"
#include "scan.hpp"

namespace contrapeso {

constexpr int LEAF_PANELS = 4;
constexpr int LEAF = LEAF_PANELS * PANEL;
constexpr int GROUP = 64;
constexpr int MANY = 128; // neighbours from which they are kept on a heap until all are found
constexpr int BOX = 16; // coordinates that boxes and splits look at: the ones with the most spread
constexpr float FAR_AWAY = 1e18f;

// What a query has found so far, and what may still matter to it.
struct Seeker {
  Query query{};
  float corner[BOX]; // its first coordinates, 0 beyond the last
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
// `unit` is the size that every part but the last is a multiple of.
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

class Tree {
public:
  // `members[i]` are the rows of point `ids[i]`: starts[i] to starts[i + 1], ascending.
  Tree(const Points &points, const Frame &frame, std::vector<int64_t> ids, std::vector<int64_t> starts,
       std::vector<int64_t> rows)
      : points_(points), frame_(frame), judge_(frame, points.columns, points.codes), box_(std::min(points.columns, BOX)),
        place_ids_(std::move(ids)), shape_{points.columns, points.codes,
                                       static_cast<float>(frame.mismatch_sq * frame.scale * frame.scale)} {
    std::vector<int64_t> place(place_ids_.size());
    std::iota(place.begin(), place.end(), int64_t{0});
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
      std::fill(low, low + BOX, 0.0f);
      std::fill(high, high + BOX, 0.0f);
      std::fill(low, low + n, std::numeric_limits<float>::max());
      std::fill(high, high + n, -std::numeric_limits<float>::max());
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
    float to(const Box &other) const { return gap(low, high, other.low, other.high); } // squared, nearest corners
    float to(const float *x) const { return gap(low, high, x, x); }

  private:
    // Four sums at a time, which compilers turn into vectors; coordinates beyond the last are all 0.
    float gap(const float *low, const float *high, const float *from, const float *to) const {
      float sum[4] = {0.0f, 0.0f, 0.0f, 0.0f};
      for (int j = 0; j < n; j += 4)
        for (int l = 0; l < 4; ++l) {
          const float below = low[j + l] - to[j + l], above = from[j + l] - high[j + l];
          const float apart = below > above ? below : above;
          const float far = apart > 0.0f ? apart : 0.0f;
          sum[l] += far * far;
        }
      return (sum[0] + sum[1]) + (sum[2] + sum[3]);
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
      if (matters(box.to(seekers[i].corner), edge)) {
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
  std::vector<int64_t> place_ids_;
  ScanShape shape_;
  std::vector<Node> nodes_;
  std::vector<Box> boxes_;
  std::vector<float> panels_;
  std::vector<int64_t> ids_, row_starts_, rows_;
};

} // namespace contrapeso
