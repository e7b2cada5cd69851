// Tasks on threads: whoever is free takes the next one. What a task does must not depend on who does it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace contrapeso {

struct Crew {
  int threads = 1;
  std::function<bool()> interrupted; // asked by the calling thread about twenty times a second; may be empty
};

// Calls task(i) for i in [0, n_tasks). `light` work runs on the calling thread, which then looks for no interruption.
template <class Task> void parallel(std::size_t n_tasks, const Crew &crew, bool light, Task &&task) {
  if (light || n_tasks == 0) {
    for (std::size_t i = 0; i < n_tasks; ++i)
      task(i);
    return;
  }
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t running = 0;
  std::exception_ptr failure;
  auto work = [&] {
    try {
      for (std::size_t i; !stop.load(std::memory_order_relaxed) && (i = next.fetch_add(1)) < n_tasks;)
        task(i);
    } catch (...) {
      std::lock_guard<std::mutex> lock(mutex);
      failure = std::current_exception();
      stop = true;
    }
    std::lock_guard<std::mutex> lock(mutex);
    --running;
    changed.notify_one();
  };
  std::size_t wanted = static_cast<std::size_t>(crew.threads < 1 ? 1 : crew.threads);
  wanted = wanted < n_tasks ? wanted : n_tasks;
  std::vector<std::thread> workers;
  workers.reserve(wanted);
  {
    std::lock_guard<std::mutex> lock(mutex);
    running = wanted;
  }
  for (std::size_t i = 0; i < wanted; ++i) {
    try {
      workers.emplace_back(work);
    } catch (...) { // no more threads to be had: go on with those there are
      std::lock_guard<std::mutex> lock(mutex);
      running -= wanted - i;
      if (i == 0)
        failure = std::current_exception();
      break;
    }
  }
  {
    std::unique_lock<std::mutex> lock(mutex);
    while (running > 0) {
      changed.wait_for(lock, std::chrono::milliseconds(50));
      if (running > 0 && !stop && crew.interrupted) {
        lock.unlock();
        const bool asked = crew.interrupted();
        lock.lock();
        if (asked)
          stop = true;
      }
    }
  }
  for (std::thread &worker : workers)
    worker.join();
  if (failure)
    std::rethrow_exception(failure);
}

} // namespace contrapeso
