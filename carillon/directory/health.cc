#include "carillon/directory/health.h"

namespace carillon::directory {

void Health::well() {
  // Looked at first: nearly every call finds nothing to do and writes to no shared cache line.
  if (!is_unwell_.load(std::memory_order_relaxed) || !is_unwell_.exchange(false)) return;
  logger_.info("the user directory answers again", {{"setting", setting_}});
}

void Health::unwell(const Error& error) {
  if (is_unwell_.load(std::memory_order_relaxed) || is_unwell_.exchange(true)) return;
  logger_.warn("the user directory cannot say who a user is: handshakes that need it get 503",
               {{"setting", setting_}, {"code", error.code}, {"reason", error.what}});
}

}  // namespace carillon::directory
