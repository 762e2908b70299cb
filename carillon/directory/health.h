// Whether those who are asked can be reached; said in the log once a change.
#pragma once

#include <atomic>
#include <string>

#include "carillon/base/error.h"
#include "carillon/log/logger.h"

namespace carillon::directory {

// One for the process, whichever worker asks. Any thread.
class Health {
 public:
  // `setting` names where to look, such as auth.database_url. `logger` is borrowed for life.
  Health(const log::Logger& logger, std::string setting)
      : logger_(logger), setting_(std::move(setting)) {}

  void well();
  void unwell(const Error& error);

 private:
  const log::Logger& logger_;
  const std::string setting_;
  std::atomic<bool> is_unwell_ = false;
};

}  // namespace carillon::directory
