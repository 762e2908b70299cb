// CPU and memory of a process, as the kernel counts them under /proc.
#pragma once

#include <cstdint>
#include <optional>

namespace carillon::bench {

// Nanoseconds on a CPU, over all living threads of the process; empty when it cannot be read.
std::optional<uint64_t> read_cpu_ns(uint32_t pid);

// As read_cpu_ns(), but once the process has come to rest: no more than 1 % busy for 50 ms, or
// after two seconds. The kernel's count lags by up to a tick while a thread runs.
std::optional<uint64_t> read_settled_cpu_ns(uint32_t pid);

struct Memory {
  uint64_t pss_bytes = 0;   // shared pages counted by their share
  uint64_t anon_bytes = 0;  // of those, the ones that no file backs
};
// From smaps_rollup; empty when it cannot be read (another user's process).
std::optional<Memory> read_memory(uint32_t pid);

// CPUs that this process may run on.
uint32_t usable_cpu_count();

}  // namespace carillon::bench
