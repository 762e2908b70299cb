// The one table of settings: from it come flags, environment names, file keys, `carillon config`
// and docs/SETTINGS.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "carillon/config/settings.h"
#include "carillon/config/value.h"

namespace carillon::config {

struct SettingSpec {
  std::string_view key;         // in the file: "bind" or "limits.ping_interval"
  Target (*target)(Settings&);  // the variable in those settings
  std::string_view help;        // one sentence without its period
  Rules rules{};
  std::string_view environment{};  // empty: CARILLON_ and the key in capitals
};

// In the order of the documentation. Lives as long as the process.
std::span<const SettingSpec> schema();
const SettingSpec* find_setting(std::string_view key);

// "CARILLON_LIMITS_PING_INTERVAL", or the name shared with the Django side.
std::string environment_name(const SettingSpec& spec);
// "--limits-ping-interval"
std::string flag_name(const SettingSpec& spec);
// "limits", or "" for those that stand before any section.
std::string_view section_of(const SettingSpec& spec);

// The keys of an [[endpoints]] table.
struct EndpointSpec {
  std::string_view key;
  Target (*target)(EndpointSettings&);
  std::string_view help;
  Rules rules{};
};
std::span<const EndpointSpec> endpoint_schema();

// docs/SETTINGS.md, whole.
std::string settings_markdown();

}  // namespace carillon::config
