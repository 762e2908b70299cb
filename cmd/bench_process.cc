#include "cmd/bench_process.h"

#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <memory>
#include <string>

namespace carillon::bench {
namespace {

using File = std::unique_ptr<FILE, int (*)(FILE*)>;

File open_file(const std::string& path) {
  return {fopen(path.c_str(), "re"), &fclose};
}

void wait_ms(int ms) {
  poll(nullptr, 0, ms);
}

}  // namespace

std::optional<uint64_t> read_cpu_ns(uint32_t pid) {
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(tasks.c_str()), &closedir);
  if (!directory) return std::nullopt;
  uint64_t total = 0;
  bool is_counted = false;
  while (const dirent* entry = readdir(directory.get())) {
    if (entry->d_name[0] == '.') continue;
    const File file = open_file(tasks + "/" + entry->d_name + "/schedstat");
    unsigned long long on_cpu_ns = 0;
    if (!file || fscanf(file.get(), "%llu", &on_cpu_ns) != 1) continue;  // the thread has ended
    total += on_cpu_ns;
    is_counted = true;
  }
  return is_counted ? std::optional(total) : std::nullopt;
}

std::optional<uint64_t> read_settled_cpu_ns(uint32_t pid) {
  auto before = read_cpu_ns(pid);
  for (int i = 0; i < 40 && before; i++) {
    wait_ms(50);
    const auto after = read_cpu_ns(pid);
    if (!after || *after - *before < 500'000) return after;
    before = after;
  }
  return before;
}

std::optional<Memory> read_memory(uint32_t pid) {
  const File file = open_file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  if (!file) return std::nullopt;
  Memory memory;
  char line[256];
  bool is_found = false;
  while (fgets(line, sizeof line, file.get())) {
    if (strncmp(line, "Pss:", 4) == 0) {
      memory.pss_bytes = strtoull(line + 4, nullptr, 10) * 1024;
      is_found = true;
    } else if (strncmp(line, "Pss_Anon:", 9) == 0) {
      memory.anon_bytes = strtoull(line + 9, nullptr, 10) * 1024;
    }
  }
  return is_found ? std::optional(memory) : std::nullopt;
}

uint32_t usable_cpu_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<uint32_t>(CPU_COUNT(&set));
}

}  // namespace carillon::bench
